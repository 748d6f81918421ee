from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.moment import DAY, NEVER
from training.snapshots import LOST, OPEN, WON, Course, take_snapshots

Lead = tuple[int, int, int | None]
DAYS = (0, 1, 3, 7, 14, 30)


def course(rows: list[Lead], data_end_day: int) -> Course:
    """Return the course of leads given as (created day, outcome, day of the outcome)."""
    created, outcome, at = zip(*rows, strict=True)
    return Course(
        created_at=np.array(created, dtype=np.int64) * DAY,
        outcome_at=np.array([NEVER if day is None else day * DAY for day in at]),
        outcome=np.array(outcome, dtype=np.int64),
        order=np.array(created, dtype=np.float64),
        data_end=data_end_day * DAY,
    )


leads = st.tuples(
    st.integers(0, 300),
    st.sampled_from([WON, LOST, OPEN]),
    st.integers(1, 200),
).map(lambda lead: (lead[0], lead[1], None if lead[1] == OPEN else lead[0] + lead[2]))
courses = st.lists(leads, min_size=1, max_size=30)


def test_a_lead_is_looked_at_while_it_is_open() -> None:
    rows, _ = take_snapshots(course([(0, LOST, 7)], 400), 90, DAYS)
    assert rows.day.tolist() == [0, 1, 3]


def test_a_win_counts_from_after_the_moment_to_the_end_of_the_horizon() -> None:
    rows, counts = take_snapshots(course([(0, WON, 20), (0, WON, 5), (0, WON, 41)], 400), 10, DAYS)
    by_lead = [rows.target[rows.lead == lead].tolist() for lead in range(3)]
    assert by_lead == [[0, 0, 0, 0, 1], [1, 1, 1], [0, 0, 0, 0, 0, 0]]
    assert (counts.won_leads, counts.won_later) == (1, 2)


def test_an_open_lead_that_is_old_enough_was_not_won() -> None:
    rows, counts = take_snapshots(course([(0, OPEN, None)], 400), 90, DAYS)
    assert rows.day.tolist() == list(DAYS)
    assert rows.target.sum() == 0
    assert counts.mature_leads == 1


def test_an_opportunity_in_the_horizon_that_was_not_won_in_it_is_told_apart() -> None:
    leads = [(0, WON, 8), (0, WON, 200), (0, LOST, 60), (0, LOST, 60), (0, OPEN, None)]
    at = np.array([5 * DAY, 50 * DAY, 20 * DAY, NEVER, 150 * DAY])
    rows, _ = take_snapshots(replace(course(leads, 400), opportunity_at=at), 90, (0,))
    assert rows.target.tolist() == [1, 0, 0, 0, 0]
    assert rows.opportunity.tolist() == [0, 1, 1, 0, 0]


@given(courses, st.sampled_from([WON, LOST, OPEN]))
def test_rows_are_immature_by_age_alone(rows: list[Lead], outcome: int) -> None:
    """What came of a lead changes neither whether its creation counts nor any other lead."""
    changed = [
        (created, outcome, None if outcome == OPEN else created + 5) for created, _, _ in rows
    ]
    here, counts = take_snapshots(course(rows, 520), 90, DAYS)
    there, other = take_snapshots(course(changed, 520), 90, DAYS)
    first, second = here.take(here.at_creation), there.take(there.at_creation)
    assert first.lead.tolist() == second.lead.tolist()
    assert counts.immature_leads == other.immature_leads
    expected = [i for i, (created, _, _) in enumerate(rows) if created + 90 <= 520]
    assert first.lead.tolist() == expected


@given(courses, st.integers(250, 400))
def test_every_lead_is_mature_or_counted_as_immature(rows: list[Lead], end: int) -> None:
    used, counts = take_snapshots(course(rows, end), 90, DAYS)
    assert counts.mature_leads + counts.immature_leads == counts.leads == len(rows)
    assert (used.as_of + 90 * DAY <= end * DAY).all()
    assert used.n_rows == counts.rows


def test_leads_closed_on_unknown_days_are_looked_at_when_created_only() -> None:
    closed = [(0, LOST, None), (0, LOST, None), (0, WON, 20), (0, WON, 40)]
    rows, counts = take_snapshots(course(closed, 400), 90, DAYS)
    assert rows.day.tolist() == [0, 0, 0, 0]
    assert counts.creation_only


def test_one_lead_closed_on_an_unknown_day_leaves_the_others_as_they_are() -> None:
    rows, counts = take_snapshots(course([(0, LOST, None), *[(0, LOST, 2)] * 99], 400), 90, DAYS)
    assert rows.day[rows.lead == 0].tolist() == [0]
    assert rows.day[rows.lead == 1].tolist() == [0, 1]
    assert not counts.creation_only


def test_without_dates_each_closed_lead_is_one_row() -> None:
    undated = Course(
        created_at=np.full(3, NEVER),
        outcome_at=np.full(3, NEVER),
        outcome=np.array([WON, OPEN, LOST]),
        order=np.array([5.0, 6.0, 7.0]),
        data_end=NEVER,
    )
    rows, counts = take_snapshots(undated, 90, DAYS)
    assert rows.lead.tolist() == [0, 2]
    assert rows.target.tolist() == [1.0, 0.0]
    assert rows.time.tolist() == [5.0, 7.0]
    assert (counts.dated, counts.open_leads) == (False, 1)


def test_leads_without_a_creation_date_are_counted() -> None:
    leads = course([(0, LOST, 5), (0, WON, 5)], 400)
    leads.created_at[1] = NEVER
    rows, counts = take_snapshots(leads, 90, DAYS)
    assert set(rows.lead.tolist()) == {0}
    assert counts.undated_leads == 1


@pytest.mark.parametrize("horizon", [1, 30, 90])
def test_a_row_is_mature_on_the_very_day_its_horizon_ends(horizon: int) -> None:
    rows, _ = take_snapshots(course([(10, OPEN, None)], 10 + horizon), horizon, (0, 1))
    assert rows.day.tolist() == [0]
