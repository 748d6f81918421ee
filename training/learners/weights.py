"""How much rows count in a fit."""

import numpy as np

from features.arrays import FloatArray
from training.table import Table


def fading(table: Table, half_life: float | None) -> FloatArray:
    """Return the rows' weights, the older ones less.

    Parameters
    ----------
    half_life : float or None
        Share of the rows' span of time after which a row counts half; None: all as they are.
    """
    if half_life is None or table.n_rows == 0:
        return table.weight
    newest = float(table.time.max())
    span = max(newest - float(table.time.min()), 1e-9)
    faded: FloatArray = table.weight * np.exp2(-(newest - table.time) / (half_life * span))
    return faded
