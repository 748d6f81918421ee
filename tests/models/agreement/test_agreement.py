"""Promises of the agreement and of the labels that follow from it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import AgreementError
from features.leads import Leads
from features.records import LeadRecord, assemble
from models.agreement.agreement import Agreement, default_agreement, load_agreement
from models.agreement.qualify import LABELS, qualify

GOOD = """dataset = "mine"
version = "3"
[lines]
mql = { probability = 0.1 }
sql = { probability = 0.25 }
"""


def leads_of(n: int) -> Leads:
    return assemble([LeadRecord("L-1", 0, 0, None, None, 1, {}, ())] * n)[0]


def load(text: str, folder: Path) -> Agreement:
    path = folder / "agreement.toml"
    path.write_text(text, encoding="utf-8")
    return load_agreement(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert load(GOOD, tmp_path) == Agreement("mine", "3", 0.1, 0.25)


def test_the_agreement_of_the_sample_is_good() -> None:
    path = Path(__file__).parents[3] / "agreement.toml"
    assert load_agreement(path).dataset == "simulated"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.25", "0.05", r"toml:5: lines\.sql: the SQL line is not above"),
        ("0.25", "25", r"toml:5: lines\.sql\.probability: .*such as 0\.25 for 25 %"),
        ("0.1", "-0.1", r"toml:4: lines\.mql\.probability: expected a probability"),
        ("probability = 0.1", "lift = 2", r"toml:4: lines\.mql\.probability: is not there"),
        ('version = "3"\n', "", "version: is not there"),
        ('"mine"', "7", "toml:1: dataset: input should be a valid string"),
        ("[lines]", "[limes]", "lines: is not there"),
        ("{ probability = 0.1 }", "{ probability = 0.1", "agreement.toml: .*line 4"),
        ("0.1 }", "0.1, extra = 1 }", r"toml:4: lines\.mql\.extra: is not known"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(AgreementError, match=message):
        load(GOOD.replace(old, new, 1), tmp_path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgreementError, match="cannot be read"):
        load_agreement(tmp_path / "none.toml")


@given(st.floats(0.0001, 0.9999))
def test_default_lines_are_in_order_for_every_anchor(anchor: float) -> None:
    agreement = default_agreement("mine", anchor)
    assert anchor < agreement.mql < agreement.sql < 1.0


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_more_probability_never_lowers_a_label(probabilities: list[float]) -> None:
    ordered = np.sort(np.array(probabilities))
    lines = Agreement("mine", "1", 0.1, 0.25)
    labels = qualify(leads_of(len(ordered)), ordered, lines, None, 0)
    ranks = [LABELS.index(label) for label in labels]
    assert ranks == sorted(ranks)


def test_a_probability_on_a_line_is_over_it() -> None:
    lines = Agreement("mine", "1", 0.1, 0.25)
    below = np.nextafter(np.array([0.1, 0.25]), 0.0)
    probability = np.array([below[0], 0.1, below[1], 0.25])
    labels = qualify(leads_of(4), probability, lines, None, 0)
    assert labels == ["nurture", "MQL", "MQL", "SQL"]


def test_each_lead_is_labelled_for_itself() -> None:
    lines = Agreement("mine", "1", 0.1, 0.25)
    probability = np.random.default_rng(0).random(200)
    together = qualify(leads_of(200), probability, lines, None, 0)
    alone = [qualify(leads_of(1), probability[i : i + 1], lines, None, 0)[0] for i in range(200)]
    assert together == alone
