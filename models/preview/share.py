"""The share of leads that is won, with an interval that knows of accounts."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from features.arrays import FloatArray, IntArray
from models.explain.evidence import wilson_interval

Z_80: Final = 1.2815515655446004
"""Bounds at so many standard errors hold four fifths between them: "at least" is the lower."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some leads were won.

    Parameters
    ----------
    leads, won : float
        Leads stood for; fractions where each reference lead stands for several.
    share, low, high : float or None
        Share won and its 80 % interval; None without leads.
    """

    leads: float
    won: float
    share: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Share":
        """Return what `to_json` wrote."""
        return Share(*(data[name] for name in Share.__slots__))


def share_won(won: FloatArray, weight: FloatArray, group: IntArray) -> Share:
    """Return the share of leads won.

    The interval is Wilson's, of as many leads as they are worth: leads of one account are
    alike (design effect of Kish, Survey sampling, 1965), and so are those that stand for
    several.

    Parameters
    ----------
    won, weight, group : arrays of shape (n_leads,)
        1 for won, else 0; how many leads each stands for; its account.

    Examples
    --------
    >>> one = share_won(np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4), np.arange(4))
    >>> one.share, round(one.low, 3), round(one.high, 3)
    (0.25, 0.078, 0.567)
    """
    total = float(weight.sum())
    if total == 0.0:
        return Share(0.0, 0.0, None, None, None)
    wins = float((weight * won).sum())
    share = wins / total
    worth = effective_number(won, weight, group)
    low, high = wilson_interval(np.array([share * worth]), np.array([worth]), Z_80)
    return Share(total, wins, share, float(low[0]), float(high[0]))


def effective_number(won: FloatArray, weight: FloatArray, group: IntArray) -> float:
    """Return how many independent leads tell as much as these.

    Examples
    --------
    >>> effective_number(np.array([1.0, 1.0, 0.0, 0.0]), np.ones(4), np.array([0, 0, 1, 1]))
    2.0
    """
    total = float(weight.sum())
    share = float((weight * won).sum()) / total
    alone = total**2 / float((weight**2).sum())
    _, account = np.unique(group, return_inverse=True)
    apart = np.bincount(account, weights=weight * (won - share))
    variance = float((apart**2).sum()) / total**2
    binomial = share * (1.0 - share)
    if variance <= 0.0 or binomial <= 0.0:
        return alone
    return min(alone, binomial / variance)
