"""A file with the standard columns, CSV or Parquet, read row by row."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from features.errors import SchemaError
from service.importing.parquet import ENDING, read_parquet
from service.importing.row import Numbered

AT_ONCE = 500


def read_rows(path: Path, needed: Sequence[str]) -> Iterator[list[Numbered]]:
    """Return the rows of a file in groups, each with its place.

    Raises
    ------
    ConfigError
        When it is Parquet, and PyArrow is not there.
    SchemaError
        When the file cannot be read or lacks a column.
    """
    read = read_parquet if path.suffix.lower() == ENDING else read_csv
    return read(path, needed, AT_ONCE)


def read_csv(path: Path, needed: Sequence[str], at_once: int) -> Iterator[list[Numbered]]:
    """Return the rows of a CSV file in groups, each with its place.

    Raises
    ------
    SchemaError
        When the file cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for name in needed:
                if name not in (reader.fieldnames or ()):
                    raise SchemaError(f"{path.name}: has no column {name!r}")
            numbered = ((f"{path.name}, line {reader.line_num}", row) for row in reader)
            while group := list(islice(numbered, at_once)):
                yield group
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise SchemaError(f"{path.name}: expected a CSV file in UTF-8") from None
