"""Drawing from lists of probabilities, a row of them per lead."""

import numpy as np

from features.arrays import FloatArray, IntArray


def draw(rng: np.random.Generator, table: FloatArray, row: IntArray) -> IntArray:
    """Draw a position from the given row of a table of probabilities, for each lead.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.
    table : array of shape (n_rows, n_positions)
        Probabilities; each row sums to 1.
    row : array of shape (n_leads,)
        Which row of the table holds for each lead.

    Returns
    -------
    array of shape (n_leads,)
    """
    n_rows, n_positions = table.shape
    steps = np.cumsum(table, axis=1)
    steps[:, -1] = 1.0
    line = (steps + np.arange(n_rows)[:, None]).ravel()
    found = np.searchsorted(line, row + rng.random(len(row)), side="right")
    position = found - row * n_positions
    return np.clip(position, 0, n_positions - 1).astype(np.int64)


def shares(weights: FloatArray) -> FloatArray:
    """Return weights divided by the sum of their row."""
    return weights / weights.sum(axis=-1, keepdims=True)
