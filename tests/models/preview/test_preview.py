"""Promises of a preview."""

import time

import numpy as np
import pytest

from models.agreement.agreement import LABELS
from models.agreement.lines import Lines
from models.bundle.reference import CALIBRATION
from models.preview.looked import Looked, looked_at
from models.preview.outlook import Labelled
from models.preview.preview import preview
from tests.models.preview.past import past_leads, record, with_rules, without_rules

AGREEMENT = without_rules(("probability", 0.1), ("probability", 0.3))
CAREFUL = without_rules(("probability", 0.2), ("probability", 0.4))


def many(n: int = 600, looks: int = 3, seed: int = 1, weight: float = 1.0) -> Looked:
    """Return leads of two channels, each looked at several times."""
    generator = np.random.default_rng(seed)
    probability = generator.beta(1.0, 4.0, n * looks)
    lead = np.repeat(np.arange(n), looks)
    records = [
        record(
            day=float(i % looks),
            channel=("Web", "Fair", None)[i // looks % 3],
            industry=("Software", "Retail", "Rival")[i // looks % 7 % 3],
            activities=[("form", 0.0), ("demo", 1.0)],
        )
        for i in range(n * looks)
    ]
    won = generator.random(n * looks) < probability
    past = past_leads(probability, won, lead=lead.tolist(), records=records, weight=weight)
    return looked_at(past, CALIBRATION)


def test_by_hand() -> None:
    # four leads in ten weeks: MQL at once and won; MQL, then SQL and lost; SQL and won; nothing
    probability = [0.2, 0.2, 0.5, 0.4, 0.05]
    past = past_leads(probability, [1, 0, 0, 1, 0], lead=[0, 1, 1, 2, 3])
    found = preview(looked_at(past, CALIBRATION), (AGREEMENT, Lines(0.1, 0.3))).new
    _, nurture, mql, sql = found.labels
    assert (found.leads, found.weeks) == (4, 10)
    assert [one.leads for one in found.labels] == [0, 1, 2, 2]
    assert (mql.per_week, sql.per_week) == (0.2, 0.2)
    assert mql.won is not None
    assert sql.won is not None
    assert nurture.won is not None
    assert (mql.won.share, sql.won.share, nurture.won.share) == (0.5, 0.5, 0.0)
    assert (mql.recall, sql.recall, nurture.recall) == (0.5, 0.5, 0.0)
    assert mql.expected_wins == pytest.approx(0.4)
    assert sql.expected_wins == pytest.approx(0.9)
    assert mql.low < mql.expected_wins < mql.high


def test_volumes_of_channels_and_segments_add_up() -> None:
    agreement = with_rules(
        (
            "[lines]",
            '[[segments]]\nname = "fairs"\nwhen = [{ channel_one_of = ["Fair"] }]\n'
            "recycling = { mql_days = 3 }\n[lines]",
        )
    )
    found = preview(many(), (agreement, Lines(0.1, 0.3))).new
    for table in (found.channels, found.segments):
        for one in found.labels:
            assert sum(row[one.label] for row in table.values()) == pytest.approx(one.leads)
    assert set(found.channels) == {"", "Fair", "Web"}
    assert set(found.segments) == {"", "fairs"}
    assert all(one.leads > 0 for one in found.labels)


def test_every_lead_is_in_the_table_of_flips_once() -> None:
    looked = many(weight=2.0)
    found = preview(looked, (CAREFUL, Lines(0.2, 0.4)), (AGREEMENT, Lines(0.1, 0.3)))
    total = sum(sum(row.values()) for row in found.flips.values())
    assert total == found.new.leads == 1200
    stay = sum(found.flips[label][label] for label in LABELS)
    assert 2 * len(found.moved) == total - stay > 0


def test_flips_are_symmetric() -> None:
    looked, first, second = many(), (CAREFUL, Lines(0.2, 0.4)), (AGREEMENT, Lines(0.1, 0.3))
    there, back = preview(looked, first, second), preview(looked, second, first)
    assert all(there.flips[old][new] == back.flips[new][old] for old in LABELS for new in LABELS)
    assert there.new == back.old
    assert [(lead, new, old) for lead, old, new in there.moved] == list(back.moved)


def test_the_same_agreement_moves_nobody() -> None:
    pair = (AGREEMENT, Lines(0.1, 0.3))
    found = preview(many(), pair, pair)
    assert found.moved == ()
    assert found.new == found.old


def test_higher_lines_never_raise_a_label() -> None:
    found = preview(many(), (CAREFUL, Lines(0.2, 0.4)), (AGREEMENT, Lines(0.1, 0.3)))
    assert all(LABELS.index(new) < LABELS.index(old) for _, old, new in found.moved)


def test_a_lead_that_becomes_disqualified_ends_as_that() -> None:
    records = [record(activities=[("form", 0)], industry=name) for name in ("Software", "Rival")]
    past = past_leads([0.2, 0.2], [0, 0], lead=[0, 0], records=records)
    looked = looked_at(past, CALIBRATION)
    agreement = with_rules()
    found = preview(looked, (agreement, Lines(0.1, 0.3)), (AGREEMENT, Lines(0.1, 0.3)))
    assert found.moved == ((0, "MQL", "disqualified"),)
    assert [one.leads for one in found.new.labels] == [1, 0, 1, 0]


def test_without_outcomes_only_expectations_are_given() -> None:
    looked = many()
    unknown = Looked(*(getattr(looked, name) for name in looked.__slots__))
    unknown = _with(unknown, won=np.full(looked.n_rows, np.nan))
    found = preview(unknown, (AGREEMENT, Lines(0.1, 0.3))).new.labels[3]
    assert (found.won, found.recall) == (None, None)
    assert found.expected_wins > 0


def _with(looked: Looked, **changes: object) -> Looked:
    values = {name: getattr(looked, name) for name in looked.__slots__}
    return Looked(**{**values, **changes})


def test_workload_stands_beside_what_was_agreed() -> None:
    agreement = with_rules(
        (
            "sql = { probability = 0.3 }",
            "sql = { capacity_per_week = 4 }\n[service.SQL]\nleast_attempts = 6",
        ),
    )
    found = Labelled.of(many(), agreement, Lines(0.1, 0.3)).outlook().labels[3]
    assert found.capacity_per_week == 4
    assert found.attempts_per_week == pytest.approx(6 * (found.per_week or 0))


@pytest.mark.prove
def test_a_hundred_thousand_leads_take_less_than_five_seconds() -> None:
    small = many(1000, 1)
    rows = np.resize(np.arange(1000), 100_000)
    looked = _with(
        small,
        **{name: getattr(small, name)[rows] for name in ("probability", "won", "weight", "rank")},
        leads=small.leads.take(rows),
        activities=small.activities.take(rows),
        lead=np.arange(100_000),
        group=np.arange(100_000),
    )
    agreement = with_rules()
    began = time.process_time()
    preview(looked, (agreement, Lines(0.1, 0.3)), (CAREFUL, Lines(0.2, 0.4)))
    assert time.process_time() - began < 5.0
