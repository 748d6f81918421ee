"""What the gate found is told in the reader's language."""

import json
import re
from typing import Any

import pytest

from service.dashboard.gate_checks import told_by_gate
from service.dashboard.words import sentences
from tests.training.gate.judged import CONFIG, bent, make_twins, true_rates
from training.gate.check import Check
from training.gate.cost import Cost
from training.gate.gate import judge

SLOPE = {
    "name": "calibration slope",
    "result": "passed",
    "figures": {"value": 1.25, "interval": [1.1, 1.4], "other": 1.3, "farther_at_most": 0.0},
    "limit": [0.8, 1.2],
    "sentence": "as training wrote it",
}


def said(language: str, **check: Any) -> str:
    return told_by_gate(sentences(language)["model"]["gate_says"], check)


def test_figures_limits_and_what_it_is_compared_with_are_told() -> None:
    assert said("zh", **SLOPE) == "1.25（1.10 至 1.40），要求在 0.8 至 1.2 之间；对照为 1.30"
    assert "1.25 (1.10 to 1.40), expected 0.8 to 1.2" in said("en", **SLOPE)


def test_channels_that_became_worse_are_named() -> None:
    tested = [{"channel": "展会", "worse": True}, {"channel": "Paid", "worse": False}]
    check = {"name": "channels", "limit": 0.05, "sentence": "as written"}
    assert said("zh", figures={"channels": tested}, **check) == (
        "2 个渠道中变差的有：展会；要求没有"
    )
    assert "2 个渠道中没有" in said("zh", figures={"channels": [tested[1]] * 2}, **check)


@pytest.mark.parametrize(
    "change",
    [
        {"figures": {}},
        {"figures": {"value": "high", "interval": [0, 1]}},
        {"limit": None},
        {"name": "of a later version"},
        {"name": "log loss"},
        {"name": "signal", "figures": {"no_signal": ["too few"]}},
        {"name": "channels", "figures": {"channels": []}},
    ],
)
def test_what_no_template_fits_stands_as_training_wrote_it(change: dict[str, Any]) -> None:
    assert said("zh", **{**SLOPE, **change}) == "as training wrote it"


@pytest.mark.parametrize("slope", [1.0, 0.4])
def test_every_condition_that_the_gate_checked_is_told_in_chinese(slope: float) -> None:
    truth = true_rates(3000)
    twins = make_twins(bent(truth, slope, 0.1), truth, truth)
    labels = Check("label volume", "passed", {}, 0.1, "0 leads change label")
    result = judge(twins, Cost(latency_ms=0.2, bundle_mb=1.0), CONFIG, labels)
    left = []
    for check in json.loads(json.dumps(result.to_json()["checks"])):
        told = said("zh", **check)
        if told == check["sentence"]:
            left.append(check["name"])
        else:
            assert not re.search(r"\b(expected|worse|leads|wins?|least|most)\b", told), told
    assert left == ["label volume"]
