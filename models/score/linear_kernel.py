"""The compiled sums of the linear part."""

from math import isnan
from typing import NamedTuple

from features.arrays import FloatArray, IntArray
from features.compiled import compiled


class Curves(NamedTuple):
    """All curves, one after the other.

    Parameters
    ----------
    column : array of shape (n_curves,)
        Column of the matrix that each is about.
    start : array of shape (n_curves + 1,)
        Where each one's knots start.
    knot, value : arrays of shape (n_knots,)
        Rising knots of a curve, and its log-odds there.
    missing, mean : arrays of shape (n_curves,)
        Log-odds where the column is missing, and on average.
    """

    column: IntArray
    start: IntArray
    knot: FloatArray
    value: FloatArray
    missing: FloatArray
    mean: FloatArray


@compiled
def add_curves(
    X: FloatArray,
    curves: Curves,
    intercept: float,
    slots: IntArray,
    margin: FloatArray,
    contributions: FloatArray,
) -> None:
    """Write margins, and add each curve's distance from its mean to its column's slot."""
    for row in range(len(X)):
        total = intercept
        for i in range(len(curves.column)):
            column = curves.column[i]
            x = X[row, column]
            first, last = curves.start[i], curves.start[i + 1] - 1
            if isnan(x):
                value = curves.missing[i]
            elif x <= curves.knot[first]:
                value = curves.value[first]
            elif x >= curves.knot[last]:
                value = curves.value[last]
            else:
                right = first + 1
                while curves.knot[right] < x:
                    right += 1
                left = right - 1
                share = (x - curves.knot[left]) / (curves.knot[right] - curves.knot[left])
                value = curves.value[left] + share * (curves.value[right] - curves.value[left])
            total += value
            contributions[row, slots[column]] += value - curves.mean[i]
        margin[row] = total
