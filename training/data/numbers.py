"""Reads columns of numbers."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import BoolArray, FloatArray
from features.attributes.encoder import Unreadable
from features.attributes.number import number_in
from features.column import Column
from training.data.cells import cells_of, empty_mask, plain, trimmed

PLAIN = r"^-?\d+(\.\d*)?([eE][+-]?\d{1,3})?$"
EXPECTED = 'plain finite numbers such as 1234.5 (or, for an attribute, "grouped = true" where '
EXPECTED += '1,234.50 and 12 % are to be read as 1234.5 and 12, or the word under "empty")'


class Numbers(NamedTuple):
    """A column of numbers, NaN where empty, and which rows cannot be read."""

    column: Column
    bad: BoolArray

    def rows(self) -> FloatArray:
        """Return every row's number."""
        return np.asarray(self.column.values, dtype=np.float64)[self.column.codes]


def read_numbers(array: Any, empty: Collection[str] = (), *, grouped: bool = False) -> Numbers:
    """Return a column's numbers, exactly those that `float` reads from the same text.

    Parameters
    ----------
    array : pyarrow.Array
        Text or numbers.
    empty : collection of str
        Words that mean "no number".
    grouped : bool
        Read "1,234.50" and "12 %" as well, as the features do.
    """
    array = plain(array)
    if _is_number(array.type):
        values = _floats(array)
        codes = np.arange(len(values), dtype=np.int32)
    else:
        cells = cells_of(array)
        values = _parsed(trimmed(cells.values), empty, grouped=grouped)
        codes = cells.codes
    bad = np.isinf(values)
    return Numbers(Column(np.where(bad, np.nan, values), codes), bad[codes])


def _is_number(type_: Any) -> bool:
    return bool(
        pa.types.is_integer(type_)
        or pa.types.is_floating(type_)
        or pa.types.is_decimal(type_)
        or pa.types.is_boolean(type_)
    )


def _floats(array: Any) -> FloatArray:
    numbers = pc.cast(array, pa.float64(), safe=False)
    return np.asarray(pc.fill_null(numbers, np.nan).to_numpy(zero_copy_only=False))


def _parsed(texts: Any, empty: Collection[str], *, grouped: bool) -> FloatArray:
    """Return the numbers of texts, NaN where empty, infinite where they cannot be read."""
    values = np.full(len(texts), np.inf)
    values[empty_mask(texts, empty)] = np.nan
    usual = pc.match_substring_regex(texts, PLAIN).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(usual & ~np.isnan(values))
    values[rows] = _floats(pc.cast(texts.take(pa.array(rows)), pa.float64()))
    odd = np.flatnonzero(~usual & ~np.isnan(values))
    for row, text in zip(odd, texts.take(pa.array(odd)).to_pylist(), strict=True):
        try:
            values[row] = number_in(text) if grouped or _is_plain(text) else np.inf
        except Unreadable:
            continue
    return values


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
