"""One file of an export: its columns, and where in the file a row stands."""

import csv
import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from features.arrays import BoolArray, IntArray
from features.errors import SchemaError
from training.data.cells import is_bytes, is_plain
from training.data.sniff import TextFormat, is_parquet, text_format

FIRST_LINES = 5


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a file: text from CSV, typed from Parquet.

    Parameters
    ----------
    path : Path
        The file.
    columns : tuple of str
        All columns of the file, also those that were not read.
    data : pyarrow.Table
        The columns that were read.
    form : TextFormat or None
        How a text file is written, None for Parquet.
    rows : array of shape (n_rows,), optional
        Where each row stands in the file, from 0; None where this is the whole file.
    """

    path: Path
    columns: tuple[str, ...]
    data: Any
    form: TextFormat | None
    rows: IntArray | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.data.num_rows)

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    def column(self, name: str, key: str) -> Any:
        """Return a column as one Arrow array.

        Parameters
        ----------
        name : str
            Its name in the file.
        key : str
            Key of the mapping that names it, for the message.

        Raises
        ------
        SchemaError
            When the file has no such column, or two.
        """
        found = self.columns.count(name)
        if found > 1:
            raise SchemaError(f"{self.name}: has {found} columns {name!r} ({key}); expected one")
        if not found:
            raise SchemaError(f"{self.name}: has no column {name!r} ({key}){self._hint(name)}")
        return self._usable(self.content(name), name, key)

    def content(self, name: str) -> Any:
        """Return a column that the file has once, whatever it holds."""
        combined = self.data.column(name).combine_chunks()
        return combined.combine_chunks() if isinstance(combined, pa.ChunkedArray) else combined

    def _usable(self, array: Any, name: str, key: str) -> Any:
        if not is_plain(array.type):
            raise SchemaError(
                f"{self.name}, column {name!r}: holds a table in each cell; "
                f"expected plain values ({key})"
            )
        if not is_bytes(array.type):
            return array
        try:
            return array.cast(pa.string())
        except pa.ArrowException:
            raise SchemaError(
                f"{self.name}, column {name!r}: holds bytes that are no UTF-8; "
                f"expected text ({key})"
            ) from None

    def _hint(self, name: str) -> str:
        lower = {column.casefold(): column for column in self.columns}
        near = difflib.get_close_matches(name.casefold(), lower, n=1)
        if near:
            return f"; did you mean {lower[near[0]]!r}?"
        return f"; its columns are {', '.join(map(repr, self.columns[:12]))}" + (
            " ..." if len(self.columns) > 12 else ""
        )

    def problem(self, bad: BoolArray, column: str | None, what: str, expected: str) -> SchemaError:
        """Return the error about bad rows: file, column, how many, first lines, expected.

        Where only a part of the file is here, at least so many are bad.
        """
        where = f"{self.name}, column {column!r}" if column else self.name
        rows = np.flatnonzero(bad)
        count = f"{len(rows)} row{'s' if len(rows) > 1 else ''}"
        if self.rows is not None:
            rows, count = np.sort(self.rows[rows]), f"at least {count}"
        places = self.places(rows)
        return SchemaError(f"{where}: {what} in {count} ({places}); expected {expected}")

    def places(self, rows: IntArray) -> str:
        """Return where the first of some rows of the file stand, in words."""
        first = [int(row) for row in rows[:FIRST_LINES]]
        lines = [row + 1 for row in first] if self.form is None else self._lines(first)
        word = ("row" if self.form is None else "line") + ("s" if len(rows) > 1 else "")
        return f"{word} {', '.join(map(str, lines))}" + (", ..." if len(rows) > len(first) else "")

    def _lines(self, rows: list[int]) -> list[int]:
        assert self.form is not None, "only text has lines"
        wanted = set(rows)
        lines = []
        for row, (line, _) in enumerate(_records(self.path, self.form)):
            if row in wanted:
                lines.append(line)
            if len(lines) == len(wanted):
                break
        return lines


def read_table(
    path: Path,
    *,
    only: Collection[str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Table:
    """Return a CSV or Parquet file as a table.

    Parameters
    ----------
    only : collection of str, optional
        Columns to read; all when not given. Those that the file lacks are left out.

    Raises
    ------
    SchemaError
        When the file is absent, empty, not what its name says, or its rows do not fit.
    """
    if is_parquet(path):
        table = _read_parquet(path, only)
    else:
        table = _read_text(path, text_format(path, encoding, separator), only)
    if table.n_rows == 0:
        raise no_rows(path)
    return table


def no_rows(path: Path) -> SchemaError:
    """Return the error about a file without rows."""
    return SchemaError(f"{path.name}: has a header but no rows")


def damaged(path: Path, error: Exception) -> SchemaError:
    """Return the error about Parquet that cannot be read."""
    reason = str(error).splitlines()[0][:200]
    return SchemaError(f"{path.name}: is damaged Parquet ({reason})")


def _read_parquet(path: Path, only: Collection[str] | None) -> Table:
    try:
        file = pa.parquet.ParquetFile(path)
        columns = tuple(file.schema_arrow.names)
        chosen = [name for name in dict.fromkeys(columns) if only is None or name in only]
        data = file.read(columns=chosen)
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    return Table(path, columns, data, None)


def _read_text(path: Path, form: TextFormat, only: Collection[str] | None) -> Table:
    reading = TextReading(path, form, only)
    try:
        data = pa.csv.read_csv(path, *reading.options)
    except pa.ArrowException as error:
        raise reading.unreadable(error) from None
    if reading.odd:
        raise reading.uneven()
    return Table(path, form.header, data, form)


class TextReading:
    """How Arrow reads a text file, and what went wrong.

    Parameters
    ----------
    path : Path
    form : TextFormat
    only : collection of str or None
        Columns to read.

    Attributes
    ----------
    odd : list of int
        Widths of rows that are not as wide as the header.
    """

    def __init__(self, path: Path, form: TextFormat, only: Collection[str] | None) -> None:
        self._path = path
        self._form = form
        self._only = only
        self.odd: list[int] = []

    @property
    def options(self) -> tuple[Any, Any, Any]:
        """Options for reading, parsing and converting."""
        form, names = self._form, _unique(self._form.header)
        chosen = [
            name
            for name, count in Counter(form.header).items()
            if count == 1 and (self._only is None or name in self._only)
        ]
        return (
            pa.csv.ReadOptions(
                encoding="utf8" if form.encoding == "utf-8-sig" else form.encoding,
                column_names=names,
                skip_rows=form.preamble,
                skip_rows_after_names=1,
                block_size=1 << 24,
            ),
            pa.csv.ParseOptions(
                delimiter=form.separator, newlines_in_values=True, invalid_row_handler=self._skip
            ),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=chosen or names[:1],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _skip(self, row: Any) -> str:
        self.odd.append(row.actual_columns)
        return "skip"

    def unreadable(self, error: Exception) -> SchemaError:
        """Return the error about a file that is no CSV."""
        reason = str(error).splitlines()[0][:120]
        return SchemaError(f"{self._path.name}: cannot be read as CSV ({reason})")

    def uneven(self) -> SchemaError:
        """Return the error about rows that are not as wide as the header."""
        return _uneven(self._path, self._form)


def _unique(header: tuple[str, ...]) -> list[str]:
    counts = Counter(header)
    return [f"{name}\0{i}" if counts[name] > 1 else name for i, name in enumerate(header)]


def _uneven(path: Path, form: TextFormat) -> SchemaError:
    width = len(form.header)
    odd = [line for line, row in _records(path, form) if len(row) != width]
    lines = ", ".join(map(str, odd[:FIRST_LINES])) + (", ..." if len(odd) > FIRST_LINES else "")
    rows, word = ("row", "line") if len(odd) == 1 else ("rows", "lines")
    return SchemaError(
        f"{path.name}: {len(odd)} {rows} not as wide as the header ({word} {lines}); expected "
        f"{width} columns separated by {form.separator!r} (quote values that contain it, and "
        "remove footers)"
    )


def _records(path: Path, form: TextFormat) -> Iterator[tuple[int, list[str]]]:
    """Return every record after the header, with the line on which it begins."""
    with path.open(encoding=form.encoding, newline="") as file:
        for _ in range(form.preamble):
            next(file)
        reader = csv.reader(file, delimiter=form.separator)
        next(reader)
        line = reader.line_num + form.preamble + 1
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + form.preamble + 1
