"""One file of an export, some rows at a time."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from training.data.sniff import is_parquet, text_format
from training.data.table import Table, TextReading, damaged, no_rows

BATCH_ROWS = 65_536


def read_slices(
    path: Path,
    n_rows: int,
    *,
    only: Collection[str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> Iterator[Table]:
    """Yield the rows of a CSV or Parquet file in slices, as `read_table` would read them.

    Parameters
    ----------
    n_rows : int
        Rows of each slice but the last.
    only : collection of str, optional
        Columns to read; all when not given. Those that the file lacks are left out.

    Raises
    ------
    SchemaError
        When the file is absent, empty, not what its name says, or its rows do not fit.
    """
    tables = _parquet(path, only) if is_parquet(path) else _text(path, only, encoding, separator)
    first, waiting, model = 0, [], None
    for model in tables:
        waiting.append(model.data)
        while sum(data.num_rows for data in waiting) >= n_rows:
            together = pa.concat_tables(waiting)
            yield _slice(model, together.slice(0, n_rows), first)
            first, waiting = first + n_rows, [together.slice(n_rows)]
    rest = pa.concat_tables(waiting) if waiting else None
    if model is not None and rest is not None and rest.num_rows:
        yield _slice(model, rest, first)
        first += rest.num_rows
    if first == 0:
        raise no_rows(path)


def _slice(model: Table, data: Any, first: int) -> Table:
    rows = np.arange(first, first + data.num_rows)
    return Table(model.path, model.columns, data, model.form, rows)


def _parquet(path: Path, only: Collection[str] | None) -> Iterator[Table]:
    try:
        # buffered ahead, all that was read would stay in memory to the end
        file = pa.parquet.ParquetFile(path, pre_buffer=False)
        columns = tuple(file.schema_arrow.names)
        chosen = [name for name in dict.fromkeys(columns) if only is None or name in only]
        for batch in file.iter_batches(BATCH_ROWS, columns=chosen or list(columns[:1])):
            yield Table(path, columns, pa.Table.from_batches([batch]), None)
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None


def _text(
    path: Path, only: Collection[str] | None, encoding: str | None, separator: str | None
) -> Iterator[Table]:
    form = text_format(path, encoding, separator)
    reading = TextReading(path, form, only)
    try:
        with pa.csv.open_csv(path, *reading.options) as batches:
            for batch in batches:
                yield Table(path, form.header, pa.Table.from_batches([batch]), form)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            raise no_rows(path) from None
        raise reading.unreadable(error) from None
    if reading.odd:
        raise reading.uneven()
