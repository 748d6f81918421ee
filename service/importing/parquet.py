"""A Parquet file with the standard columns, read row by row as its CSV would be."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from features.errors import ConfigError, SchemaError
from service.importing.row import Numbered

ENDING = ".parquet"


def read_parquet(path: Path, needed: Sequence[str], at_once: int) -> Iterator[list[Numbered]]:
    """Return the rows of a file in groups, each with its place; few are in memory at once.

    Cells are the texts that a CSV file of the same table has: nothing where a value is missing,
    moments and numbers as Python writes them.

    Raises
    ------
    ConfigError
        When PyArrow, which the service itself does not need, is not there.
    SchemaError
        When the file cannot be read or lacks a column.
    """
    arrow = arrow_of(path)
    try:
        with path.open("rb") as opened, arrow.parquet.ParquetFile(opened) as file:
            names = file.schema_arrow.names
            for name in needed:
                if name not in names:
                    raise SchemaError(f"{path.name}: has no column {name!r}")
            numbered = rows_of(file, names, path.name, at_once)
            while group := list(islice(numbered, at_once)):
                yield group
    except arrow.ArrowException:
        raise SchemaError(f"{path.name}: expected a Parquet file") from None
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read: {error.strerror}") from None


def arrow_of(path: Path) -> Any:
    """Return PyArrow, which is looked for only here.

    Raises
    ------
    ConfigError
        When it is not there.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ConfigError(
            f"{path.name}: to read Parquet, install pyarrow beside the service, or write CSV"
        ) from None
    return pyarrow


def rows_of(file: Any, names: Sequence[str], called: str, at_once: int) -> Iterator[Numbered]:
    """Yield the rows of a file, the first of which is row 1."""
    number = 0
    for batch in file.iter_batches(batch_size=at_once):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            yield f"{called}, row {number}", dict(zip(names, map(text_of, values), strict=True))


def text_of(value: Any) -> str:
    """Return a cell as text.

    Examples
    --------
    >>> [text_of(value) for value in (None, float("nan"), 0.5, ["price", "demo"])]
    ['', '', '0.5', '["price", "demo"]']
    """
    if value is None or value != value:  # a NaN, which CSV leaves empty
        return ""
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
