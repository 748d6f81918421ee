"""Which parts of a file a lead is in."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from features.arrays import BoolArray, IntArray
from training.data.cells import cells_of


class LeadIndex(NamedTuple):
    """A hash and a part for each row of the leads file, 10 bytes a row, sorted.

    Two ids with one hash only let activities stand in a part where nobody looks for them.

    Parameters
    ----------
    key : array of uint64
        Hash of each `lead_id`.
    part : array of uint16, same shape
        Where it is; an id with several episodes may be in several parts.
    """

    key: Any
    part: Any

    @staticmethod
    def of(key: Any, part_rows: int) -> "LeadIndex":
        """Return the index of rows in the order of their file.

        Parameters
        ----------
        key : array of uint64
            Is sorted in place, so that there is never a second copy of it.
        part_rows : int
            Rows of each part.
        """
        order = np.argsort(key, kind="stable")
        order //= part_rows
        part = order.astype(np.uint16)
        del order
        key.sort()
        first = np.ones(len(key), dtype=np.bool_)
        first[1:] = (key[1:] != key[:-1]) | (part[1:] != part[:-1])
        return LeadIndex(key, part) if first.all() else LeadIndex(key[first], part[first])

    def knows(self, key: Any) -> BoolArray:
        """Return which ids are of leads."""
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        known: BoolArray = self.key[place] == key
        return known

    def places(self, key: Any) -> tuple[IntArray, IntArray]:
        """Return rows and the parts that want them, sorted by part, then by row."""
        begin = np.searchsorted(self.key, key, side="left")
        count = np.searchsorted(self.key, key, side="right") - begin
        row = np.repeat(np.arange(len(key)), count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        part = self.part[begin[row] + within].astype(np.int64)
        order = np.argsort(part, kind="stable")
        return row[order], part[order]


def keys_of(ids: Any) -> Any:
    """Return a 64-bit hash of each id.

    Parameters
    ----------
    ids : pyarrow.Array
        Trimmed text.
    """
    cells = cells_of(ids)
    texts = cells.values.to_numpy(zero_copy_only=False).astype(object)
    return pd.util.hash_array(texts, categorize=False)[cells.codes]
