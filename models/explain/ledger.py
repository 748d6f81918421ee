"""The sum that makes a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray, IntArray
from features.attributes.spec import FAMILIES, Family
from models.explain.kernel import sum_families
from models.score.points import LEAST, MOST, START


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where each lead's score comes from, in points.

    `START + base + fit + intent + channel + timing + quality + cap` is the score before
    rounding.

    Parameters
    ----------
    base : float
        What the model starts from, beside the anchor.
    families : array of shape (n_leads, n_families)
        Sums of contributions, in the order of `FAMILIES`.
    cap : array of shape (n_leads,)
        What keeping the score between 0 and 100 took or gave.
    """

    base: float
    families: FloatArray
    cap: FloatArray

    def row(self, row: int) -> dict[str, float]:
        """Return one lead's ledger by the names that an answer uses."""
        parts = dict(zip(FAMILIES, self.families[row].tolist(), strict=True))
        return {"start": START, "base": self.base, **parts, "cap": float(self.cap[row])}

    def total(self) -> FloatArray:
        """Return the sums, shape (n_leads,): scores before rounding."""
        total = START + self.base + self.cap
        for family in range(self.families.shape[1]):
            total = total + self.families[:, family]
        return total


def make_ledger(points: FloatArray, family_of: IntArray, base: float) -> Ledger:
    """Return the ledger of contributions.

    Parameters
    ----------
    points : array of shape (n_leads, n_abouts)
        Contributions in points.
    family_of : array of shape (n_abouts,)
        Position of each column's family in `FAMILIES`.
    base : float
        Points that the model starts from, beside the anchor.

    Examples
    --------
    >>> make_ledger(np.array([[60.0]]), np.array([0]), base=-2.0).row(0)["cap"]
    -8.0
    """
    families = np.empty((len(points), len(FAMILIES)))
    sum_families(points, family_of, families)
    before = np.full(len(points), START + base)
    for family in range(len(FAMILIES)):
        before = before + families[:, family]
    return Ledger(base, families, np.clip(before, LEAST, MOST) - before)


def family_positions(families: Sequence[Family]) -> IntArray:
    """Return the position of each family in `FAMILIES`.

    Examples
    --------
    >>> family_positions(["intent"])
    array([1])
    """
    return np.array([FAMILIES.index(family) for family in families], dtype=np.int64)
