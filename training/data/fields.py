"""Reads columns of one table with the mapping's words, or says what is wrong with them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from features.arrays import BoolArray, CodeArray, IntArray, MomentArray
from features.attributes.spec import AttributeSpec
from features.attributes.vocabulary import canonical
from features.column import Column
from features.moment import DAY, NEVER
from training.data.cells import cells_of, empty_mask, trimmed
from training.data.mapping import ROWS, Attribute
from training.data.moments import DateReader
from training.data.numbers import EXPECTED, read_numbers
from training.data.table import Table


@dataclass(frozen=True, slots=True)
class Fields:
    """One table, and what its cells mean.

    Parameters
    ----------
    table : Table
        The file.
    zone : str
        Time zone of dates that name none.
    date_format : sequence of str
        How dates are written, where the mapping says it.
    empty : collection of str
        Words that mean "nothing known" in every column.
    """

    table: Table
    zone: str
    date_format: Sequence[str]
    empty: Collection[str]

    def ids(self, column: str, key: str) -> Any:
        """Return ids as trimmed text ("rows" without such a column: the row's number).

        Raises
        ------
        SchemaError
            When a row has none.
        """
        if column == ROWS and ROWS not in self.table.columns:
            rows = np.arange(self.table.n_rows) if self.table.rows is None else self.table.rows
            return pa.array(rows + 1).cast(pa.string())
        texts = trimmed(self.table.column(column, key))
        bad = empty_mask(texts, ())
        if bad.any():
            raise self.table.problem(bad, column, "no id", f"one in every row ({key})")
        return texts

    def links(self, column: str, key: str) -> Any:
        """Return ids of something else as text, "" where there is none."""
        texts = trimmed(self.table.column(column, key))
        none = empty_mask(texts, self.empty)
        return pa.compute.if_else(pa.array(none), "", texts)

    def moments(
        self, column: str, key: str, *, formats: Sequence[str] = (), end_of_day: bool = False
    ) -> MomentArray:
        """Return dates as moments, `NEVER` where empty.

        Parameters
        ----------
        end_of_day : bool
            Let days without time count to their end, where no cell has a time.

        Raises
        ------
        SchemaError
            When a date cannot be read.
        """
        cells = self.table.column(column, key)
        reader = DateReader(formats or self.date_format, self.zone, self.empty)
        moments, bad = reader.read(cells)
        if bad.any():
            expected = reader.expected(cells.filter(pa.array(bad)))
            raise self.table.problem(bad, column, "dates that cannot be read", expected)
        if end_of_day and self._are_days(reader, cells):
            return np.where(moments == NEVER, NEVER, moments + (DAY - 1))
        return moments

    def _are_days(self, reader: DateReader, cells: Any) -> bool:
        local, _ = DateReader(reader.formats, "UTC", reader.empty).read(cells)
        known = local[local != NEVER]
        return len(known) > 0 and bool((known % DAY == 0).all())

    def numbers(
        self, column: str, key: str, *, empty: Collection[str] = (), grouped: bool = False
    ) -> Column:
        """Return a column of numbers, NaN where empty.

        Raises
        ------
        SchemaError
            When a number cannot be read or is infinite.
        """
        cells = self.table.column(column, key)
        numbers = read_numbers(cells, (*self.empty, *empty), grouped=grouped)
        if numbers.bad.any():
            raise self.table.problem(
                numbers.bad, column, "numbers that cannot be read or are infinite", EXPECTED
            )
        return numbers.column

    def floats(self, column: str, key: str) -> Any:
        """Return every row's number."""
        numbers = self.numbers(column, key)
        return np.asarray(numbers.values, dtype=np.float64)[numbers.codes]

    def raw(self, column: str, key: str) -> Column:
        """Return a column's raw values."""
        return cells_of(self.table.column(column, key)).column()

    def category(self, column: str, key: str, spec: AttributeSpec) -> Column:
        """Return a column with empty words as None and aliases resolved."""
        raw = self.raw(column, key)
        return Column([_meant(value, spec) for value in raw.values], raw.codes)

    def attribute(self, column: str, key: str, attribute: Attribute, spec: AttributeSpec) -> Column:
        """Return the values of an attribute, as its type asks for.

        Raises
        ------
        SchemaError
            When a number or date cannot be read; other types count what they cannot read
            as missing.
        """
        if attribute.type == "number" and not spec.aliases:
            return self.numbers(column, key, empty=spec.empty, grouped=attribute.grouped)
        if attribute.type != "date":
            raw = self.raw(column, key)
            return stored_column(raw) if attribute.stored else raw
        fields = Fields(self.table, self.zone, self.date_format, (*self.empty, *spec.empty))
        return dates_column(fields.moments(column, key, formats=attribute.date_format))


def dates_column(moments: MomentArray) -> Column:
    """Return moments as a column of dates that the features read."""
    distinct, codes = np.unique(moments, return_inverse=True)
    known = np.where(distinct == NEVER, 0, distinct).astype("datetime64[us]").tolist()
    values = [None if moment == NEVER else at for moment, at in zip(distinct, known, strict=True)]
    return Column(values, codes.astype(np.int32))


def stored_column(column: Column) -> Column:
    """Return a column whose cells are stored forms, written as JSON."""
    return Column([stored_value(value) for value in column.values], column.codes)


def stored_value(value: object) -> object:
    """Return a stored form from its JSON; anything else is left as it is.

    Examples
    --------
    >>> stored_value('["a", "b"]'), stored_value("plain")
    (['a', 'b'], 'plain')
    """
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def number_of_each(ids: Any) -> tuple[Any, IntArray]:
    """Return the distinct ids and which of them each row has."""
    cells = cells_of(ids)
    return cells.values, cells.codes.astype(np.int64)


def repeats(number: IntArray) -> BoolArray:
    """Return which entries occur in an earlier row."""
    again = np.ones(len(number), dtype=np.bool_)
    again[np.unique(number, return_index=True)[1]] = False
    return again


def words_of(array: Any) -> tuple[list[str], CodeArray]:
    """Return the distinct words of a column without case, and which each row has."""
    cells = cells_of(array)
    return [text.casefold() for text in cells.texts()], cells.codes


def _meant(value: object, spec: AttributeSpec) -> object:
    word = canonical(value)
    if word is None or word == "" or word in spec.empty:
        return None
    return spec.aliases.get(word, value)
