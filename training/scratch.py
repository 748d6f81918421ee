"""Features that stand in a file while a training runs, where they are more than memory holds."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa

from features.arrays import BoolArray, FloatArray, IntArray
from features.errors import ConfigError

BLOCK_ROWS = 16_384
"""Rows that are read at a time."""
COLUMNS_AT_ONCE = 16
MB = 1_000_000


class Scratch:
    """Where features stand: in memory up to a size, beyond it in files without a name.

    A file has no name from the moment it is made, so that nothing is left of it when the
    process ends, in whatever way.

    Parameters
    ----------
    memory_mb : int or None
        What one table may take in memory; None: whatever it takes.
    folder : Path or None
        Where files are made; None: the system's folder for such.
    """

    def __init__(self, memory_mb: int | None = None, folder: Path | None = None) -> None:
        self._memory_mb = memory_mb
        self._folder = folder
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            file.close()
        self._files.clear()

    def holds(self, n_rows: int, n_columns: int) -> bool:
        """Return whether so many numbers are to stand in memory."""
        return self._memory_mb is None or n_rows * n_columns * 8 <= self._memory_mb * MB

    def matrix(self, parts: Iterable[FloatArray], n_rows: int, n_columns: int) -> "Matrix":
        """Return rows that come in parts."""
        if not self.holds(n_rows, n_columns):
            return self.keep(parts, n_columns)
        out, begin = np.empty((n_rows, n_columns)), 0
        for part in parts:
            out[begin : begin + len(part)] = part
            begin += len(part)
        return out

    def keep(self, parts: Iterable[FloatArray], n_columns: int) -> "Kept":
        """Write rows to a file of their own, and return them.

        Raises
        ------
        ConfigError
            When the folder cannot be written to, or is full.
        """
        try:
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115, closed at the end
            self._files.append(file)
            n_rows = _write(file, parts, n_columns)
        except OSError as error:
            folder = self._folder or tempfile.gettempdir()
            raise ConfigError(
                f"features cannot be written to {folder} ({error.strerror}); expected a folder "
                "with enough room, see --scratch"
            ) from None
        return Kept(_File(file, n_rows, n_columns))

    @property
    def n_bytes(self) -> int:
        """What all files take."""
        return sum(file.seek(0, 2) for file in self._files)


def _write(file: IO[bytes], parts: Iterable[FloatArray], n_columns: int) -> int:
    n_rows = 0
    schema = pa.schema([(str(i), pa.float64()) for i in range(n_columns)])
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(file, schema, options=options) as writer:
        for block in _blocks(parts):
            columns = np.ascontiguousarray(block.T)
            writer.write_batch(pa.record_batch(list(map(pa.array, columns)), schema=schema))
            n_rows += len(block)
    file.flush()
    return n_rows


def _blocks(parts: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """Yield the rows of parts in blocks of one size, all but the last."""
    waiting: list[FloatArray] = []
    for part in parts:
        waiting.append(part)
        while sum(map(len, waiting)) >= BLOCK_ROWS:
            together = np.concatenate(waiting)
            yield together[:BLOCK_ROWS]
            waiting = [together[BLOCK_ROWS:]]
    if sum(map(len, waiting)):
        yield np.concatenate(waiting)


class _File:
    """Rows in blocks of columns; the block that was read last stays in memory."""

    def __init__(self, file: IO[bytes], n_rows: int, n_columns: int) -> None:
        self._file = file
        self.n_rows = n_rows
        self.n_columns = n_columns
        self._reader = pa.ipc.open_file(file)
        self._last: tuple[int, FloatArray] | None = None

    def columns(self, columns: Sequence[int]) -> Iterator[list[FloatArray]]:
        """Yield some columns of each block; others are not unpacked."""
        options = pa.ipc.IpcReadOptions(included_fields=list(columns))
        reader = pa.ipc.open_file(self._file, options=options)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            yield [batch.column(str(column)).to_numpy() for column in columns]

    def rows(self, rows: IntArray) -> FloatArray:
        """Return some rows."""
        out = np.empty((len(rows), self.n_columns))
        number = rows // BLOCK_ROWS
        for one in np.unique(number).tolist():
            inside = number == one
            out[inside] = self._block(one)[rows[inside] - one * BLOCK_ROWS]
        return out

    def _block(self, number: int) -> FloatArray:
        if self._last is None or self._last[0] != number:
            self._last = None  # never two at a time
            batch: Any = self._reader.get_batch(number)
            block = np.empty((batch.num_rows, self.n_columns))
            for i, column in enumerate(batch.columns):
                block[:, i] = column.to_numpy()
            self._last = (number, block)
        return self._last[1]


@dataclass(frozen=True)
class Kept:
    """Rows of numbers in a file, read when they are asked for.

    Parameters
    ----------
    file : _File
    chosen : array of int, optional
        Which rows of the file these are, in their order; all by default.
    """

    file: _File
    chosen: IntArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n_rows = self.file.n_rows if self.chosen is None else len(self.chosen)
        return n_rows, self.file.n_columns

    def take(self, rows: IntArray | BoolArray) -> "Kept":
        """Return some rows; nothing is read."""
        chosen = np.arange(self.file.n_rows) if self.chosen is None else self.chosen
        return replace(self, chosen=chosen[rows])

    def between(self, begin: int, end: int) -> FloatArray:
        """Return the rows from one place to another."""
        chosen = np.arange(begin, end) if self.chosen is None else self.chosen[begin:end]
        return self.file.rows(chosen)

    def columns(self, columns: Sequence[int]) -> list[FloatArray]:
        """Return some columns of all rows."""
        parts = list(self.file.columns(columns))
        whole = [np.concatenate(blocks) for blocks in zip(*parts, strict=True)]
        return whole if self.chosen is None else [column[self.chosen] for column in whole]


class Streamed(Protocol):
    """Rows of numbers that are not in memory."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    def between(self, begin: int, end: int) -> FloatArray:
        """Return the rows from one place to another."""


Matrix: TypeAlias = FloatArray | Kept
"""The features of rows, in memory or in a file."""
Rows: TypeAlias = FloatArray | Streamed
"""Rows to look at in blocks."""
IN_MEMORY = Scratch()


def taken(X: Matrix, rows: IntArray | BoolArray) -> Matrix:
    """Return some rows."""
    return X.take(rows) if isinstance(X, Kept) else X[rows]


def between(X: Rows, begin: int, end: int) -> FloatArray:
    """Return the rows from one place to another."""
    return X[begin:end] if isinstance(X, np.ndarray) else X.between(begin, end)


def columns_of(X: Matrix, columns: Sequence[int]) -> Iterator[FloatArray]:
    """Yield some columns, few of them in memory at a time."""
    if not isinstance(X, Kept):
        yield from (X[:, column] for column in columns)
        return
    for first in range(0, len(columns), COLUMNS_AT_ONCE):
        yield from X.columns(columns[first : first + COLUMNS_AT_ONCE])


def each_of(X: "Rows", function: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return what a function finds for each row, from blocks of rows."""
    blocks = bounds(X.shape[0], BLOCK_ROWS)
    return np.concatenate([function(between(X, *block)) for block in blocks])


def bounds(n_rows: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield where blocks of rows begin and end; one empty block where there are none.

    Examples
    --------
    >>> list(bounds(5, 2)), list(bounds(0, 2))
    ([(0, 2), (2, 4), (4, 5)], [(0, 0)])
    """
    for begin in range(0, max(n_rows, 1), size):
        yield begin, min(begin + size, n_rows)
