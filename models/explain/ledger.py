"""The sum that makes a score."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.attributes.spec import FAMILIES, Family
from models.explain.kernel import fill_ledger
from models.score.points import START


class Ledger(NamedTuple):
    """Where each lead's score comes from, in points; columns of shape (n_leads,).

    Their sum is the score before rounding.

    Parameters
    ----------
    start : array
        50: a lead at the anchor.
    base : array
        What the model starts from, beside the anchor.
    fit, intent, channel, timing, quality : arrays
        Sums of contributions by family.
    cap : array
        What keeping the score between 0 and 100 took (negative) or gave.
    """

    start: FloatArray
    base: FloatArray
    fit: FloatArray
    intent: FloatArray
    channel: FloatArray
    timing: FloatArray
    quality: FloatArray
    cap: FloatArray

    def row(self, row: int) -> dict[str, float]:
        """Return one lead's ledger by the names and in the order that an answer uses."""
        return {name: float(column[row]) for name, column in zip(COLUMNS, self, strict=True)}

    def total(self) -> FloatArray:
        """Return the sums, shape (n_leads,): scores before rounding."""
        total = np.zeros(len(self.start))
        for column in self:
            total = total + column
        return total


COLUMNS = Ledger._fields


def make_ledger(points: FloatArray, family_of: IntArray, base: float) -> Ledger:
    """Return the ledger of contributions.

    Parameters
    ----------
    points : array of shape (n_leads, n_abouts)
        Contributions in points.
    family_of : array of shape (n_abouts,)
        Position of each column's family in `FAMILIES`, as `family_positions` gives it.
    base : float
        Points that the model starts from, beside the anchor.

    Examples
    --------
    >>> make_ledger(np.array([[60.0]]), family_positions(["intent"]), base=-2.0).row(0)["cap"]
    -8.0
    """
    columns = np.empty((len(COLUMNS), len(points)))
    fill_ledger(points, family_of, START, base, columns)
    return Ledger(*columns)


def family_positions(families: Sequence[Family]) -> IntArray:
    """Return the position of each family in `FAMILIES`.

    Examples
    --------
    >>> family_positions(["intent"])
    array([1])
    """
    return np.array([FAMILIES.index(family) for family in families], dtype=np.int64)
