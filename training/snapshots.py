"""The moments at which each lead is looked at, and what came of it within the horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray, MomentArray
from features.moment import DAY, NEVER

WON, LOST, OPEN = 1, 0, -1
MOST_UNKNOWN_CLOSINGS = 0.02
"""With a larger share of won or of lost leads closed on an unknown day, all leads are looked
at when created only."""


@dataclass(frozen=True, slots=True)
class Course:
    """The course of each lead, as an export tells it.

    Parameters
    ----------
    created_at, outcome_at : arrays of shape (n_leads,)
        `NEVER` where unknown.
    outcome : array of shape (n_leads,)
        1 won, 0 lost, -1 open.
    order : array of shape (n_leads,)
        Grows with time.
    data_end : int
        The latest moment that the export shows; `NEVER` without dates.
    opportunity_at : array of shape (n_leads,), optional
        When sales opened an opportunity, `NEVER` where none; None where it is not told.
    """

    created_at: MomentArray
    outcome_at: MomentArray
    outcome: IntArray
    order: FloatArray
    data_end: int
    opportunity_at: MomentArray | None = None


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Leads as of moments, with what came of them; by rising lead, then day.

    Parameters
    ----------
    lead : array of shape (n_rows,)
        Position of the lead in the export.
    day : array of shape (n_rows,)
        Days since creation.
    as_of : array of shape (n_rows,)
        The moment; `NEVER` without dates.
    time : array of shape (n_rows,)
        What puts the rows in order: `as_of` in days, or the lead's order without dates.
    created : array of shape (n_rows,)
        The same for the lead's first moment.
    target : array of shape (n_rows,)
        1 when won in (as_of, as_of + horizon], else 0; 1 when ever won without dates.
    opportunity : array of shape (n_rows,)
        1 when there was an opportunity by as_of + horizon, but no win; else 0.
    horizon : float
        In units of `time`; 0 without dates.
    """

    lead: IntArray
    day: IntArray
    as_of: MomentArray
    time: FloatArray
    created: FloatArray
    target: FloatArray
    opportunity: FloatArray
    horizon: float

    @property
    def n_rows(self) -> int:
        """Number of snapshots."""
        return len(self.lead)

    @property
    def at_creation(self) -> BoolArray:
        """Which rows are at the lead's creation."""
        return self.day == 0

    def take(self, rows: IntArray | BoolArray) -> "Snapshots":
        """Return some of the rows."""
        return Snapshots(
            self.lead[rows],
            self.day[rows],
            self.as_of[rows],
            self.time[rows],
            self.created[rows],
            self.target[rows],
            self.opportunity[rows],
            self.horizon,
        )


@dataclass(frozen=True, slots=True)
class SnapshotCounts:
    """How many leads and rows there are, and why others are not.

    Parameters
    ----------
    leads : int
        Leads of the export.
    dated : bool
        Whether maturity could be checked.
    creation_only : bool
        Whether leads are looked at when created only, since it is not known when they were
        closed.
    undated_leads : int
        Leads without a creation date in an export that has dates: not used.
    open_leads : int
        Leads without an outcome in an export without dates: not used.
    immature_leads, immature_rows : int
        Leads and snapshots whose horizon ends after the data: not used.
    mature_leads, rows : int
        Leads and snapshots used.
    won_leads, won_rows : int
        Those of them with target 1.
    won_later : int
        Mature leads that were won after their horizon, which is target 0.
    """

    leads: int
    dated: bool
    creation_only: bool
    undated_leads: int
    open_leads: int
    immature_leads: int
    immature_rows: int
    mature_leads: int
    rows: int
    won_leads: int
    won_rows: int
    won_later: int

    def to_json(self) -> dict[str, Any]:
        """Return the counts for a report."""
        return {name: getattr(self, name) for name in self.__slots__}


def take_snapshots(
    course: Course, horizon_days: int, snapshot_days: tuple[int, ...]
) -> tuple[Snapshots, SnapshotCounts]:
    """Return the mature snapshots of all leads, and the counts of what was left out.

    A lead is looked at while it is open; one that is closed on an unknown day is looked at
    at its creation only. Where that is so for many, all leads are: else being looked at late
    would tell the outcome. A snapshot is mature when its whole horizon lies in the data,
    whatever its outcome.

    Parameters
    ----------
    course : Course
        The leads.
    horizon_days : int
        Days within which a win counts.
    snapshot_days : tuple of int
        Days since creation, from 0.
    """
    if course.data_end == NEVER:
        return _undated(course)
    dated = course.created_at != NEVER
    if not days_of_closing_known(course):
        snapshot_days = snapshot_days[:1]
    horizon = horizon_days * DAY
    parts = [_on_day(course, dated, day, horizon) for day in snapshot_days]
    lead = np.concatenate([part.lead for part in parts])
    day = np.repeat(np.array(snapshot_days), [len(part.lead) for part in parts])
    order = np.argsort(lead, kind="stable")  # days stay in their order, and runs are merged
    lead, day = lead[order], day[order]
    del order
    as_of = course.created_at[lead] + day * DAY
    target = _target(course, lead, as_of, horizon)
    used = Snapshots(
        lead=lead,
        day=day,
        as_of=as_of,
        time=as_of / DAY,
        created=course.created_at[lead] / DAY,
        target=target,
        opportunity=_opportunity(course, lead, as_of + horizon) * (1.0 - target),
        horizon=float(horizon_days),
    )
    immature = [part.immature for part in parts]
    return used, _counts(course, used, immature, int((~dated).sum()))


def days_of_closing_known(course: Course) -> bool:
    """Return whether next to all won and next to all lost leads say when they were closed."""
    for outcome in (WON, LOST):
        closed = course.outcome == outcome
        unknown = int((closed & (course.outcome_at == NEVER)).sum())
        if unknown > MOST_UNKNOWN_CLOSINGS * int(closed.sum()):
            return False
    return True


class _Part(NamedTuple):
    """The mature snapshots of one day, by rising lead, and how many are not."""

    lead: IntArray
    immature: int


def _on_day(course: Course, dated: BoolArray, day: int, horizon: int) -> _Part:
    """Return the leads that are open on a day of their life.

    Those that are too young are counted here, so that there is never a row for them.
    """
    as_of = course.created_at + day * DAY
    if day == 0:
        looked_at = dated
    else:
        is_open = (course.outcome == OPEN) | (course.outcome_at > as_of)
        looked_at = dated & is_open & (as_of <= course.data_end)
    mature = looked_at & (as_of + horizon <= course.data_end)
    return _Part(np.flatnonzero(mature), int(looked_at.sum()) - int(mature.sum()))


def _target(course: Course, lead: IntArray, as_of: MomentArray, horizon: int) -> FloatArray:
    """Return whether each row was won within the horizon; a win on an unknown day counts."""
    at = course.outcome_at[lead]
    in_time = (at == NEVER) | (at <= as_of + horizon)
    return ((course.outcome[lead] == WON) & in_time).astype(np.float64)


def _opportunity(course: Course, lead: IntArray, end: MomentArray) -> FloatArray:
    """Return whether each row's lead had an opportunity by a moment."""
    if course.opportunity_at is None:
        return np.zeros(len(lead))
    at = course.opportunity_at[lead]
    return ((at != NEVER) & (at <= end)).astype(np.float64)


def _undated(course: Course) -> tuple[Snapshots, SnapshotCounts]:
    lead = np.flatnonzero(course.outcome != OPEN)
    order = course.order[lead]
    rows = Snapshots(
        lead=lead,
        day=np.zeros(len(lead), dtype=np.int64),
        as_of=np.full(len(lead), NEVER),
        time=order,
        created=order,
        target=(course.outcome[lead] == WON).astype(np.float64),
        opportunity=np.zeros(len(lead)),
        horizon=0.0,
    )
    return rows, _counts(course, rows, [0], 0)


def _counts(
    course: Course, used: Snapshots, immature: Sequence[int], undated_leads: int
) -> SnapshotCounts:
    """Return the counts, from the immature snapshots of each day; creation is the first."""
    first = used.take(used.at_creation)
    dated = course.data_end != NEVER
    won = course.outcome[first.lead] == WON
    return SnapshotCounts(
        leads=len(course.outcome),
        dated=dated,
        creation_only=dated and not days_of_closing_known(course),
        undated_leads=undated_leads,
        open_leads=0 if dated else int((course.outcome == OPEN).sum()),
        immature_leads=immature[0],
        immature_rows=sum(immature),
        mature_leads=first.n_rows,
        rows=used.n_rows,
        won_leads=int(first.target.sum()),
        won_rows=int(used.target.sum()),
        won_later=int((won & (first.target == 0.0)).sum()),
    )
