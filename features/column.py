"""One column of a table: its distinct values, and which of them each row has."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import CodeArray, FloatArray, IntArray

MOST_UNUSED = 2
"""So many values per row are no burden."""


class Column(NamedTuple):
    """Raw values as they came (CSV text, JSON value, None), each parsed once.

    Parameters
    ----------
    values : sequence of objects, or float array
        Values that occur; need not be distinct, and some may be unused. A float array
        is a column of ready numbers (NaN where missing).
    codes : array of int32, shape (n_rows,)
        Position in `values` of each row's value.
    """

    values: Sequence[object] | FloatArray
    codes: CodeArray

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.codes)

    def at(self, row: int) -> object:
        """Return the raw value of a row."""
        return self.values[self.codes[row]]

    def take(self, rows: IntArray) -> "Column":
        """Return the column of the given rows, in their order; rows may repeat.

        Examples
        --------
        >>> Column(["a", "b"], np.array([0, 1], np.int32)).take(np.array([1, 1])).rows()
        ['b', 'b']
        """
        return Column(self.values, self.codes[rows])

    def compact(self) -> "Column":
        """Return the same column without the values that no row has, where they are many.

        Examples
        --------
        >>> Column(["a", "b", "c", "d"], np.array([2], np.int32)).compact().values
        ['c']
        """
        if len(self.values) <= MOST_UNUSED * len(self.codes):
            return self
        used, codes = np.unique(self.codes, return_inverse=True)
        if isinstance(self.values, np.ndarray):
            return Column(self.values[used], codes.astype(np.int32))
        return Column([self.values[i] for i in used], codes.astype(np.int32))

    def rows(self) -> list[object]:
        """Return every row's raw value."""
        return [self.values[code] for code in self.codes]


def column_of(values: Sequence[object] | FloatArray) -> Column:
    """Return a column with one entry per row, without looking for repetitions.

    Examples
    --------
    >>> column_of(["a", None]).rows()
    ['a', None]
    """
    return Column(values, np.arange(len(values), dtype=np.int32))


def constant_column(value: object, n_rows: int) -> Column:
    """Return a column that has the same value in every row.

    Examples
    --------
    >>> constant_column(None, 2).rows()
    [None, None]
    """
    return Column([value], np.zeros(n_rows, dtype=np.int32))
