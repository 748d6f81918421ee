"""The cells of one column as text or raw values, each distinct one once."""

from collections.abc import Collection
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import BoolArray, CodeArray
from features.column import Column


class Cells(NamedTuple):
    """Distinct values of a column and which of them each row has.

    Parameters
    ----------
    values : pyarrow.Array
        The distinct values; nulls are among them where they occur.
    codes : array of int32, shape (n_rows,)
        Position of each row's value.
    """

    values: Any
    codes: CodeArray

    def texts(self) -> list[str]:
        """Return the distinct values as trimmed text, "" for null."""
        return [text_of(value) for value in self.values.to_pylist()]

    def column(self) -> Column:
        """Return the column of raw values as Python objects."""
        return Column([_raw(value) for value in self.values.to_pylist()], self.codes)


def cells_of(array: Any) -> Cells:
    """Return the distinct values of an Arrow array of any plain type."""
    array = plain(array)
    encoded = array.dictionary_encode(null_encoding="encode")
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Cells(encoded.dictionary, codes)


def plain(array: Any) -> Any:
    """Return an array without dictionary, lists joined by ";" and odd text types made usual."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_list(array.type):
        texts = pc.cast(array, pa.list_(pa.string()))
        array = pc.binary_join(texts, ";")
    if not pa.types.is_string(array.type) and is_text(array.type):
        array = pc.cast(array, pa.string())
    if pa.types.is_null(array.type):
        array = pc.cast(array, pa.string())
    return array


def is_text(type_: Any) -> bool:
    """Return whether an Arrow type holds text."""
    return bool(
        pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
    )


def is_list(type_: Any) -> bool:
    """Return whether an Arrow type holds several values in a cell."""
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_))


def is_plain(type_: Any) -> bool:
    """Return whether cells of an Arrow type hold a value or a list of values, no tables."""
    return not pa.types.is_nested(type_.value_type if is_list(type_) else type_)


def is_bytes(type_: Any) -> bool:
    """Return whether an Arrow type holds bytes, as old writers store text."""
    return bool(
        pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_fixed_size_binary(type_)
    )


def text_of(value: object) -> str:
    """Return a cell's value as text: whole numbers without ".0", null as ""."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)) and isfinite(value) and value == int(value):
        return str(int(value))
    return str(value).strip()


def trimmed(array: Any) -> Any:
    """Return a text array without white space around its values; other types as text."""
    array = plain(array)
    if pa.types.is_string(array.type):
        return pc.fill_null(pc.utf8_trim_whitespace(array), "")
    if pa.types.is_integer(array.type):
        return pc.fill_null(pc.cast(array, pa.string()), "")
    cells = cells_of(array)
    return pa.array(cells.texts(), pa.string()).take(pa.array(cells.codes))


def empty_mask(texts: Any, empty: Collection[str]) -> BoolArray:
    """Return which trimmed texts mean nothing: "" and the words given, case ignored."""
    words = sorted({"", *(word.strip().casefold() for word in empty)})
    if len(words) == 1:
        mask = pc.equal(texts, "")
    else:
        mask = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(words, pa.string()))
    return np.asarray(mask.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _raw(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
