"""How much more often leads with something are won than those without it."""

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from models.explain.evidence import wilson_interval
from models.preview.share import effective_number

LEAST_LEADS: Final = 30
LEAST_EXPECTED: Final = 5.0
"""With fewer leads, or fewer wins expected among them, on either side nothing is told."""


@dataclass(frozen=True, slots=True)
class History:
    """Past leads, one row each.

    Parameters
    ----------
    won : array of shape (n_leads,)
        1 for won within the horizon, else 0.
    group : array of shape (n_leads,)
        Account.
    accepted : array of shape (n_leads,)
        Verdict of sales: 1 accepted, 0 rejected, NaN where none is known.
    """

    won: FloatArray
    group: IntArray
    accepted: FloatArray

    @property
    def base(self) -> float:
        """Share won."""
        return float(self.won.mean()) if len(self.won) else 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Leads with something, beside those without it.

    Parameters
    ----------
    leads, won : int
        Those with it.
    rate, low, high : float
        Share won, and its 95 % interval (Wilson's, of as many leads as their accounts are
        worth).
    shrunk : float
        Share won when so many leads at the base rate are added.
    lift : float
        The shrunk share over the base rate.
    p : float
        Chance of a difference to the leads without it at least so large, were there none.
    judged, accepted : int
        Verdicts of sales among them.
    """

    leads: int
    won: int
    rate: float
    low: float
    high: float
    shrunk: float
    lift: float
    p: float
    judged: int
    accepted: int


def measure(
    has: BoolArray, known: BoolArray, history: History, prior_leads: float
) -> Measured | None:
    """Return how leads with something did, None where there are too few to tell.

    A test of two shares with pooled variance, each side with as many leads as its accounts
    are worth, since leads of an account are alike.

    Parameters
    ----------
    has, known : arrays of shape (n_leads,)
        Who has it, and of whom it is known.
    prior_leads : float
        Leads at the base rate that are added to shrink.
    """
    own, others = known & has, known & ~has
    n, rest = int(own.sum()), int(others.sum())
    base = history.base
    if min(n, rest) < LEAST_LEADS or min(n, rest) * base < LEAST_EXPECTED:
        return None
    won = float(history.won[own].sum())
    worth, worth_of_rest = (_worth(history, rows) for rows in (own, others))
    pooled = (won + float(history.won[others].sum())) / (n + rest)
    error = sqrt(max(pooled * (1.0 - pooled) * (1.0 / worth + 1.0 / worth_of_rest), 1e-12))
    z = (won / n - float(history.won[others].mean())) / error
    low, high = wilson_interval(np.array([won / n * worth]), np.array([worth]))
    shrunk = (won + prior_leads * base) / (n + prior_leads)
    verdicts = history.accepted[own]
    return Measured(
        leads=n,
        won=int(won),
        rate=won / n,
        low=float(low[0]),
        high=float(high[0]),
        shrunk=shrunk,
        lift=shrunk / base,
        p=erfc(abs(z) / sqrt(2.0)),
        judged=int((~np.isnan(verdicts)).sum()),
        accepted=int((verdicts == 1.0).sum()),
    )


def _worth(history: History, rows: BoolArray) -> float:
    return effective_number(history.won[rows], np.ones(int(rows.sum())), history.group[rows])


def false_discovery(p: FloatArray) -> FloatArray:
    """Return p-values adjusted so that a bound on them bounds the share of false discoveries.

    Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995.
    """
    n = len(p)
    order = np.argsort(-p, kind="stable")
    ranks = np.arange(n, 0, -1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * n / ranks), 1.0)
    return adjusted


def discovered(p: FloatArray, family: IntArray, rate: float) -> BoolArray:
    """Return which comparisons are discoveries, when they come in families.

    First families are chosen, each by Simes' p-value, so that at most the share `rate` of
    those chosen is expected to be chance; then comparisons within them, at a level that is
    smaller by the share of families chosen.

    Parameters
    ----------
    p : array of shape (n_comparisons,)
    family : array of shape (n_comparisons,)
        Number of the attribute or kind of activity that was compared.
    rate : float
        Expected share of false discoveries.

    Notes
    -----
    Source: Benjamini and Bogomolov, "Selective inference on multiple families of hypotheses",
    2014. Without families an attribute of many values that matter would let in others that
    do not.
    """
    chosen = np.zeros(len(p), dtype=np.bool_)
    families = np.unique(family)
    if len(families) == 0:
        return chosen
    within = {number: false_discovery(p[family == number]) for number in families.tolist()}
    simes = np.array([adjusted.min() for adjusted in within.values()])
    some = families[false_discovery(simes) <= rate]
    for number in some.tolist():
        chosen[family == number] = within[number] <= rate * len(some) / len(families)
    return chosen
