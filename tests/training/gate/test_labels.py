from dataclasses import replace

import numpy as np
import pytest

from features.arrays import FloatArray
from features.moment import NEVER
from models.agreement.agreement import Agreement, lines_at
from models.agreement.lines import Lines
from tests.training.gate.judged import CONFIG, make_twins
from training.gate.labels import volumes
from training.gate.twins import Twins

AGREEMENT = Agreement("mine", "7", lines_at(0.2, 0.6))
LINES = Lines(0.2, 0.6)
BEFORE = np.repeat([0.1, 0.3, 0.7], [80, 40, 20])


def twins_of(after: FloatArray) -> Twins:
    return make_twins(after, BEFORE, BEFORE)


def test_flips_and_weekly_volumes_equal_a_count_by_hand() -> None:
    after = BEFORE.copy()
    after[:2] = 0.25  # two leads more are MQL,
    after[80] = 0.65  # one of the MQL becomes SQL
    check = volumes(twins_of(after), "champion", AGREEMENT, LINES, CONFIG.gate, approved=False)
    assert check.result == "passed"
    assert check.figures["flips"] == {"MQL -> SQL": 1, "nurture -> MQL": 2}
    # ten leads a day: the last of 140 came 13.9 days after the first
    assert check.figures["weeks"] == pytest.approx(13.9 / 7)
    mql = check.figures["volumes"]["MQL"]
    assert (mql["before"], mql["after"]) == (40, 41)
    assert mql["after_per_week"] == pytest.approx(41 / 13.9 * 7)
    assert check.figures["agreement"] == "7"
    assert check.sentence.startswith(
        "3 of 140 leads change label (1 MQL -> SQL, 2 nurture -> MQL); nurture 40.3 to 39.3 a week"
    )


def test_more_than_a_tenth_needs_approval() -> None:
    after = BEFORE.copy()
    after[80:83] = 0.65
    check = volumes(twins_of(after), "champion", AGREEMENT, LINES, CONFIG.gate, approved=False)
    assert check.result == "failed"
    assert check.sentence.endswith("a change over 10% needs approval (SQL): APPROVE=1")
    approved = volumes(twins_of(after), "champion", AGREEMENT, LINES, CONFIG.gate, approved=True)
    assert approved.result == "passed"
    assert approved.figures["approved"] is True


def test_a_tenth_exactly_needs_none() -> None:
    after = BEFORE.copy()
    after[80:82] = 0.65
    check = volumes(twins_of(after), "champion", AGREEMENT, LINES, CONFIG.gate, approved=False)
    assert check.figures["volumes"]["SQL"]["after"] == 22
    assert check.result == "passed"


def test_a_label_that_nobody_had_needs_approval() -> None:
    after = BEFORE.copy()
    after[-1] = 0.95
    check = volumes(
        twins_of(after), "champion", AGREEMENT, Lines(0.2, 0.9), CONFIG.gate, approved=False
    )
    assert check.result == "failed"
    assert "(SQL)" in check.sentence


def test_without_dates_leads_are_counted() -> None:
    twins = twins_of(BEFORE)
    undated = replace(twins, created_at=np.full(len(BEFORE), NEVER))
    check = volumes(undated, "champion", AGREEMENT, LINES, CONFIG.gate, approved=False)
    assert check.figures["weeks"] is None
    assert check.sentence.startswith("0 of 140 leads change label; nurture 80 to 80, MQL 40 to 40")
