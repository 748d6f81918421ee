from dataclasses import replace

import numpy as np
import pytest

from features.arrays import FloatArray
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.bundle.reference import TEST, ReferenceLeads
from models.preview.looked import looked_at
from models.preview.outlook import Labelled
from models.preview.preview import Preview, compared
from tests.factories import make_bundle
from tests.models.preview.past import past_leads, record, with_rules, without_rules
from tests.training.gate.judged import CONFIG, make_twins
from training.gate.check import Check
from training.gate.labels import labelled, volumes

AGREEMENT = without_rules(("probability", 0.2), ("probability", 0.6))
LINES = Lines(0.2, 0.6)
BEFORE = np.repeat([0.1, 0.3, 0.7], [80, 40, 20])


def newest(weeks: float | None = 2.0, *, deeds: bool = False) -> ReferenceLeads:
    """Return the leads of the test; with deeds, every second one has asked."""
    n = len(BEFORE)
    records = None
    if deeds:
        asked = [("form", 0.0), ("demo", 0.5)]
        records = [
            record(day=1.0, industry="Software", activities=asked if i % 2 else ())
            for i in range(n)
        ]
    return past_leads(BEFORE, BEFORE > 0.5, slice_of=TEST, weeks=weeks, records=records)


def shown(
    after: FloatArray, past: ReferenceLeads, agreement: Agreement = AGREEMENT, lines: Lines = LINES
) -> Preview:
    looked = looked_at(past, TEST)
    return compared(
        Labelled.of(replace(looked, probability=after), agreement, lines),
        Labelled.of(replace(looked, probability=BEFORE), agreement, LINES),
    )


def checked(found: Preview | None, *, approved: bool = False) -> Check:
    return volumes(found, "7", CONFIG.gate, approved=approved)


def test_flips_and_weekly_volumes_equal_a_count_by_hand() -> None:
    after = BEFORE.copy()
    after[:2] = 0.25  # two leads more are MQL,
    after[80] = 0.65  # one of the MQL becomes SQL
    check = checked(shown(after, newest()))
    assert check.result == "passed"
    assert check.figures["flips"] == {"nurture -> MQL": 2.0, "MQL -> SQL": 1.0}
    assert check.figures["weeks"] == 2.0
    mql = check.figures["volumes"]["MQL"]
    assert (mql["before"], mql["after"], mql["after_per_week"]) == (40, 41, 20.5)
    assert check.figures["agreement"] == "7"
    assert check.sentence.startswith(
        "3 of 140 leads change label (2 nurture -> MQL, 1 MQL -> SQL); nurture 40.0 to 39.0 a week"
    )


def test_more_than_a_tenth_needs_approval() -> None:
    after = BEFORE.copy()
    after[80:83] = 0.65
    check = checked(shown(after, newest()))
    assert check.result == "failed"
    assert check.sentence.endswith("a change over 10% needs approval (SQL): APPROVE=1")
    approved = checked(shown(after, newest()), approved=True)
    assert approved.result == "passed"
    assert approved.figures["approved"] is True


def test_a_tenth_exactly_needs_none() -> None:
    after = BEFORE.copy()
    after[80:82] = 0.65
    check = checked(shown(after, newest()))
    assert check.figures["volumes"]["SQL"]["after"] == 22
    assert check.result == "passed"


def test_a_label_that_nobody_had_needs_approval() -> None:
    after = np.where(BEFORE > 0.2, BEFORE, 0.05)
    quiet = shown(after, newest(), lines=Lines(0.01, 0.6))  # every nurture lead is MQL now
    assert checked(quiet).result == "failed"
    assert "(nurture, MQL)" in checked(quiet).sentence


def test_without_dates_leads_are_counted() -> None:
    check = checked(shown(BEFORE, newest(weeks=None)))
    assert check.figures["weeks"] is None
    assert check.sentence.startswith("0 of 140 leads change label; nurture 80 to 80, MQL 40 to 40")


def test_only_leads_that_pass_the_rules_count() -> None:
    after = BEFORE.copy()
    after[:40] = 0.95  # of the forty that were nurtured, twenty have asked
    found = shown(after, newest(deeds=True), with_rules(), Lines(0.2, 0.6))
    assert checked(found).figures["flips"] == {"nurture -> SQL": 20.0}


def test_what_twins_kept_is_counted_on_the_reference_leads_of_the_bundle() -> None:
    bundle = make_bundle(trees=5, leaves=4)
    n = int((bundle.reference.slice_of == TEST).sum())
    own = np.linspace(0.01, 0.9, n)
    truth = np.full(50, 0.2)
    twins = replace(
        make_twins(truth, truth, truth), tested={"model": own, "champion": np.full(n, 0.01)}
    )
    found = labelled(twins, bundle, AGREEMENT, LINES)
    assert found is not None
    moved = found.flips["nurture"]["MQL"] + found.flips["nurture"]["SQL"]
    assert moved == (own >= 0.2).sum()


@pytest.mark.parametrize("kept", [{}, {"model": np.zeros(3), "champion": np.zeros(3)}])
def test_what_was_not_kept_is_no_pass(kept: dict[str, FloatArray]) -> None:
    truth = np.full(50, 0.2)
    twins = replace(make_twins(truth, truth, truth), tested=kept)
    check = checked(labelled(twins, make_bundle(trees=5, leaves=4), AGREEMENT, LINES))
    assert check.result == "cannot tell"
    assert check.sentence.endswith("train again")
