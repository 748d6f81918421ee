"""Where a line must lie: by how many leads are over it, or by how many of those are won."""

from typing import NamedTuple

import numpy as np

from features.arrays import BoolArray, FloatArray
from models.preview.entry import first_rows, highest_of
from models.preview.looked import Looked
from models.preview.share import share_won

MOST_TRIED = 200
ALMOST = 1e-9


class Threshold(NamedTuple):
    """A line, and how much of it was reached.

    Parameters
    ----------
    probability, share : float
        Least probability, and which share of the leads exactly on it is over it.
    reached : float
        The best that can be had: leads a week, or the lower bound of the share won.
    found : bool
        Whether what was wanted can be had.
    """

    probability: float
    share: float
    reached: float
    found: bool


def by_capacity(looked: Looked, usable: BoolArray, wanted: float) -> Threshold:
    """Return the lowest line that at most so many leads a week come over, each counted once.

    Parameters
    ----------
    looked : Looked
        With dates: `weeks` is known.
    usable : array of shape (n_rows,)
        Rows that the rules allow over the line.
    wanted : float
        Leads a week.

    Returns
    -------
    Threshold
        Not found when fewer leads pass the rules, or the window is too short for one lead.
    """
    weeks = looked.weeks
    assert weeks is not None, "a capacity needs dates"
    first, best = highest_of(looked.probability, usable, looked.lead)
    weight, rank = looked.weight[first], looked.rank[first]
    total = float(weight.sum()) / weeks
    if total < wanted * (1.0 - ALMOST):
        return Threshold(0.0, 1.0, total, found=False)
    order = np.lexsort((rank, -best))
    room = int(np.searchsorted(np.cumsum(weight[order]), wanted * weeks * (1.0 + ALMOST), "right"))
    if room == 0:
        return Threshold(1.0, 1.0, float(weight[order[0]]) / weeks, found=False)
    line = float(best[order[room - 1]])
    reached = float(weight[order[:room]].sum()) / weeks
    if room == len(order) or best[order[room]] < line:
        return Threshold(line, 1.0, reached, found=True)
    share = (rank[order[room - 1]] + rank[order[room]]) / 2.0
    return Threshold(line, float(share), reached, found=True)


def by_precision(looked: Looked, usable: BoolArray, wanted: float) -> Threshold:
    """Return the line with most leads over it of which at least so many are won.

    "At least" is the lower end of the 80 % interval. A lead counts as it was when it first
    came over the line.

    Parameters
    ----------
    looked : Looked
        With outcomes.
    usable : array of shape (n_rows,)
        Rows that the rules allow over the line.
    wanted : float
        Share of leads won.

    Returns
    -------
    Threshold
        Not found when no line does it; then the best one.
    """
    _, best = highest_of(looked.probability, usable, looked.lead)
    lines = np.unique(best)
    if len(lines) > MOST_TRIED:
        lines = lines[np.linspace(0, len(lines) - 1, MOST_TRIED).round().astype(np.int64)]
    top = Threshold(1.0, 1.0, 0.0, found=False)
    for line in lines.tolist():
        low = _lower_bound(looked, usable & (looked.probability >= line))
        if low >= wanted:
            return Threshold(line, 1.0, low, found=True)
        if low > top.reached:
            top = Threshold(line, 1.0, low, found=False)
    return top


def _lower_bound(looked: Looked, over: BoolArray) -> float:
    rows = first_rows(over, looked.lead)
    won: FloatArray = looked.won[rows]
    return share_won(won, looked.weight[rows], looked.group[rows]).low or 0.0
