"""Rows as LightGBM takes them: an array, or blocks of what is not in memory."""

from typing import Any

import lightgbm
import numpy as np

from features.arrays import FloatArray
from training.scratch import BLOCK_ROWS, Rows, Streamed


def dataset_rows(X: Rows) -> Any:
    """Return what a `lightgbm.Dataset` is made of.

    From a sequence LightGBM reads the rows twice: a sample, which gives the bounds of the bins,
    then all of them, of which it keeps the bins. Sample and bounds are those of an array.
    """
    return X if isinstance(X, np.ndarray) else Blocks(X)


class Blocks(lightgbm.Sequence):
    """Rows that are read in blocks."""

    batch_size = BLOCK_ROWS

    def __init__(self, rows: Streamed) -> None:
        self._rows = rows
        self._begin, self._block = 0, rows.between(0, 0)

    def __len__(self) -> int:
        return self._rows.shape[0]

    def __getitem__(self, place: Any) -> FloatArray:
        if isinstance(place, slice):
            return self._rows.between(place.start, place.stop)
        begin = int(place) // BLOCK_ROWS * BLOCK_ROWS
        if begin != self._begin or not len(self._block):
            end = min(begin + BLOCK_ROWS, len(self))
            self._begin, self._block = begin, self._rows.between(begin, end)
        return self._block[int(place) - begin].copy()  # a view would keep the block
