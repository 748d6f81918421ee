"""Which rows may be learned from when others are judged: time order, purging, groups."""

from dataclasses import dataclass, replace

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.snapshots import Snapshots


@dataclass(frozen=True, slots=True)
class Origin:
    """One moment at which a model could have been trained.

    Parameters
    ----------
    at : float
        The moment, in units of `Snapshots.time`.
    train, judge : arrays
        Rows of the snapshots to learn from and to judge on.
    purged : int
        Rows of leads created before the origin that are not learned from, because their
        horizon ends after it.
    regrouped : int
        Rows that are not learned from, because their group is judged.
    """

    at: float
    train: IntArray
    judge: IntArray
    purged: int
    regrouped: int


def newest_start(created: FloatArray, share: float) -> float:
    """Return the moment from which on the newest share lies; ties are all in it."""
    ordered = np.sort(created)
    return float(ordered[len(ordered) - max(1, round(share * len(ordered)))])


def split_at(snapshots: Snapshots, group: IntArray, start: float, stop: float = np.inf) -> Origin:
    """Return what may be learned at a moment, and the leads that came from then on.

    Learned from are rows whose whole horizon is over at `start`; judged are all rows of the
    leads created in [start, stop). A group on both sides loses its older rows.

    Parameters
    ----------
    snapshots : Snapshots
        Mature ones.
    group : array of shape (n_leads,)
        The account (else contact, else identical rows) of each lead of the export.
    start, stop : float
        In units of `Snapshots.time`.
    """
    before = snapshots.created < start
    known = before & is_over(snapshots, start)
    judge = ~before & (snapshots.created < stop)
    row_group = group[snapshots.lead]
    judged_group = np.isin(row_group, np.unique(row_group[judge]))
    return Origin(
        at=start,
        train=np.flatnonzero(known & ~judged_group),
        judge=np.flatnonzero(judge),
        purged=int((before & ~known).sum()),
        regrouped=int((known & judged_group).sum()),
    )


def is_over(snapshots: Snapshots, moment: float) -> BoolArray:
    """Return which rows' outcome was known at a moment."""
    if snapshots.horizon == 0.0:
        return snapshots.time < moment
    return snapshots.time + snapshots.horizon <= moment


def rolling_origins(
    snapshots: Snapshots,
    group: IntArray,
    rows: IntArray,
    *,
    origins: int,
    share: float,
    least_outcomes: int,
) -> list[Origin]:
    """Return origins inside some rows, oldest first, each judged up to the next one.

    Parameters
    ----------
    rows : array
        Rows to stay in, such as those before the test.
    origins : int
        How many, with windows of equally many leads.
    share : float
        Share of the leads, the newest, that the windows take; less where the first origin
        would not know enough outcomes.
    least_outcomes : int
        Leads won and leads lost that an origin needs to learn from; others are left out.
    """
    inside = snapshots.take(rows)
    created = np.sort(inside.created[inside.at_creation])
    first = len(created) - max(1, round(share * len(created)))
    first = max(first, int(np.searchsorted(created, first_moment(inside, least_outcomes))))
    if first >= len(created):
        return []
    places = np.linspace(first, len(created), origins + 1)[:-1].astype(np.int64)
    starts = np.unique(created[places])
    stops = np.append(starts[1:], np.inf)
    found: list[Origin] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        origin = split_at(inside, group, start, stop)
        if enough_outcomes(inside.take(origin.train), least_outcomes):
            train, judge = rows[origin.train], rows[origin.judge]
            found.append(replace(origin, train=train, judge=judge))
    return found


def account_folds(
    snapshots: Snapshots, group: IntArray, rows: IntArray, *, folds: int, seed: int
) -> list[Origin]:
    """Return parts by account, each judged by what the others teach.

    For rows of which no moment in the past knew enough outcomes: it keeps accounts apart, but
    not past and future, so `at` is NaN.
    """
    inside = snapshots.take(rows)
    _, account = np.unique(group[inside.lead], return_inverse=True)
    n_accounts = int(account.max(initial=-1)) + 1
    part = np.random.default_rng(seed).permutation(n_accounts)[account] % folds
    return [
        Origin(np.nan, rows[part != fold], rows[part == fold], 0, 0)
        for fold in range(folds)
        if 0 < int((part == fold).sum()) < len(rows)
    ]


def first_moment(snapshots: Snapshots, least_outcomes: int) -> float:
    """Return when so many wins and so many losses were known; infinite where they never are."""
    first = snapshots.take(snapshots.at_creation)
    moments = []
    for outcome in (0.0, 1.0):
        known = np.sort(first.time[first.target == outcome]) + snapshots.horizon
        if len(known) < least_outcomes:
            return np.inf
        moments.append(float(known[least_outcomes - 1]))
    return max(moments)


def enough_outcomes(snapshots: Snapshots, least: int) -> bool:
    """Return whether there are so many leads won and so many not, at creation."""
    target = snapshots.target[snapshots.at_creation]
    won = int(target.sum())
    return won >= least and len(target) - won >= least
