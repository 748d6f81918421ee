"""Fewer leads to learn from, where there are more than memory and patience allow."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from training.config import Splitting
from training.snapshots import Snapshots
from training.split import Origin, newest_start


class Thinned(NamedTuple):
    """What is left of mature snapshots.

    Parameters
    ----------
    snapshots : Snapshots
        The newest leads, on which the procedure is judged, are all there; of the older ones
        as many as may be learned from.
    start : float
        The first moment of the newest leads.
    served : array
        Rows of the snapshots that the served model may learn from: of all leads, old and new,
        the same share.
    """

    snapshots: Snapshots
    start: float
    served: IntArray


def thin(snapshots: Snapshots, group: IntArray, splitting: Splitting, seed: int) -> Thinned:
    """Return snapshots of which no fit sees more than `splitting.most_leads` leads.

    Accounts are drawn, with all their leads and whatever became of them: rates and
    calibration need no correction, and no judged lead is left out.

    Parameters
    ----------
    snapshots : Snapshots
        Mature ones.
    group : array of shape (n_leads,)
        The account of each lead of the export.
    """
    start = newest_start(snapshots.created[snapshots.at_creation], splitting.test_share)
    older = snapshots.created < start
    first = snapshots.at_creation
    n_leads, n_older = int(first.sum()), int((first & older).sum())
    chance = _chance(group, seed)[snapshots.lead]
    kept = np.flatnonzero(~older | (chance < _share(n_older, splitting)))
    served = np.flatnonzero(chance[kept] < _share(n_leads, splitting))
    return Thinned(snapshots.take(kept), start, served)


def thin_before(
    snapshots: Snapshots, group: IntArray, origin: Origin, splitting: Splitting, seed: int
) -> tuple[Snapshots, Origin]:
    """Return the snapshots that an origin learns from and judges, and the origin in them.

    Of the leads to learn from there are no more than about `splitting.most_leads`, drawn as
    `thin` draws them; what is judged is all there.

    Parameters
    ----------
    snapshots : Snapshots
        Mature ones.
    group : array of shape (n_leads,)
        The account of each lead of the export.
    origin : Origin
        Its rows rise.
    """
    learned = snapshots.take(origin.train)
    share = _share(int(learned.at_creation.sum()), splitting)
    train = origin.train[_chance(group, seed)[learned.lead] < share]
    rows = np.union1d(train, origin.judge)
    train, judge = (np.searchsorted(rows, some) for some in (train, origin.judge))
    return snapshots.take(rows), replace(origin, train=train, judge=judge)


def _share(n_leads: int, splitting: Splitting) -> float:
    return min(1.0, splitting.most_leads / max(1, n_leads))


def _chance(group: IntArray, seed: int) -> FloatArray:
    """Return a number in [0, 1) for each lead, the same for all leads of an account."""
    _, code = np.unique(group, return_inverse=True)
    n_groups = int(code.max(initial=-1)) + 1
    return np.random.default_rng(seed).random(n_groups)[code]
