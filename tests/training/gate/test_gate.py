from dataclasses import replace

import numpy as np
import pytest

from features.arrays import FloatArray
from tests.training.gate.judged import CONFIG, bent, make_twins, true_rates
from training.gate.check import Check
from training.gate.cost import Cost
from training.gate.gate import GateResult, judge
from training.gate.twins import Twins

CHEAP = Cost(latency_ms=0.2, bundle_mb=1.0)
LABELS = Check("label volume", "passed", {}, 0.1, "0 leads change label")
ABSOLUTE = [
    *("leads judged", "signal", "calibration slope", "observed/expected"),
    *("audit", "latency", "bundle size"),
]
RELATIVE = ["log loss", "channels", "label volume"]


def judged(twins: Twins, cost: Cost = CHEAP) -> GateResult:
    return judge(twins, cost, CONFIG, LABELS)


def missed(result: GateResult) -> dict[str, str]:
    return {check.name: check.result for check in result.missed}


@pytest.fixture(scope="module")
def truth() -> FloatArray:
    return true_rates(3000)


def test_a_first_model_is_held_to_the_absolute_checks(truth: FloatArray) -> None:
    result = judged(make_twins(truth, None, truth))
    assert [check.name for check in result.checks] == ABSOLUTE
    assert result.status == "passed"
    assert result.missed == ()


def test_a_challenger_is_held_to_all_checks(truth: FloatArray) -> None:
    result = judged(make_twins(truth, truth, truth))
    assert [check.name for check in result.checks] == ABSOLUTE + RELATIVE
    assert result.status == "passed"


def test_a_refusal_names_what_did_not_pass_with_its_figures(truth: FloatArray) -> None:
    result = judged(make_twins(bent(truth, 0.5, 0.1), truth, truth), Cost(3.0, 1.0))
    assert result.status == "failed"
    assert missed(result).keys() >= {"latency", "log loss", "calibration slope"}
    refusal = result.refusal()
    assert "\n" not in refusal
    assert "latency failed: 3.000 ms for one lead alone" in refusal
    assert "log loss failed: +0.0" in refusal


def test_too_few_leads_are_never_a_pass() -> None:
    few = true_rates(150)
    result = judged(make_twins(few, few, few))
    assert result.status == "cannot tell"
    assert missed(result) == dict.fromkeys(
        ["leads judged", "signal", "calibration slope", "observed/expected", *RELATIVE[:2]],
        "cannot tell",
    )


def test_one_outcome_alone_can_be_judged_without_error() -> None:
    never = np.full(300, 1e-9)
    assert judged(make_twins(never, never, never)).status == "cannot tell"


def test_a_failure_weighs_more_than_doubt() -> None:
    few = true_rates(150)
    assert judged(make_twins(few, few, few), Cost(0.2, 80.0)).status == "failed"


def test_without_an_audit_nothing_passes(truth: FloatArray) -> None:
    result = judged(make_twins(truth, truth, truth, audit=None))
    assert missed(result) == {"audit": "cannot tell"}
    assert result.status == "cannot tell"


def test_a_champion_that_was_not_judged_beside_it_cannot_be_compared(truth: FloatArray) -> None:
    twins = replace(make_twins(truth, None, truth), champion="1")
    assert missed(judged(twins)) == dict.fromkeys(RELATIVE[:2], "cannot tell")


def test_the_table_and_the_json_hold_every_check(truth: FloatArray) -> None:
    result = judged(make_twins(truth, truth, truth))
    table = result.table().splitlines()
    assert table[0] == "gate: passed"
    assert [line[:18].strip() for line in table[1:]] == ABSOLUTE + RELATIVE
    data = result.to_json()
    assert data["status"] == "passed"
    assert [check["name"] for check in data["checks"]] == ABSOLUTE + RELATIVE
    assert all(check["sentence"] for check in data["checks"])
