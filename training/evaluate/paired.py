"""Losses of the same rows, compared pair by pair and moment by moment."""

import numpy as np

from features.arrays import FloatArray, IntArray
from training.calibrate import Seen


def paired(difference: FloatArray, weight: FloatArray, group: IntArray) -> tuple[float, float]:
    """Return the weighted mean of rows' differences, and its standard error over accounts.

    Parameters
    ----------
    difference, weight : arrays of shape (n_rows,)
    group : array of shape (n_rows,)
        Account of each row.
    """
    total = float(weight.sum())
    mean = float((weight * difference).sum() / total)
    _, place = np.unique(group, return_inverse=True)
    by_group = np.bincount(place, weights=weight * (difference - mean))
    return mean, float(np.sqrt((by_group**2).sum()) / total)


def by_origin(loss: FloatArray, seen: Seen) -> list[float | None]:
    """Return the weighted mean of rows' losses for each origin, None where it judged none."""
    lost = np.bincount(seen.origin, weights=seen.weight * loss).tolist()
    weight = np.bincount(seen.origin, weights=seen.weight).tolist()
    return [one / total if total else None for one, total in zip(lost, weight, strict=True)]
