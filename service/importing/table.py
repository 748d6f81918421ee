"""A CSV file with the standard columns, read row by row."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from features.errors import SchemaError
from features.moment import to_moment

AT_ONCE = 500
Row: TypeAlias = dict[str, str]


def read_rows(path: Path, needed: Sequence[str]) -> Iterator[list[tuple[int, Row]]]:
    """Return the rows of a file in groups, each with the number of its line.

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
            numbered = ((reader.line_num, row) for row in reader)
            while group := list(islice(numbered, AT_ONCE)):
                yield group
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise SchemaError(f"{path.name}: expected a CSV file in UTF-8") from None


def moment_in(row: Row, name: str, place: str) -> int | None:
    """Return a date of a row in UTC microseconds, None where it is empty.

    Raises
    ------
    SchemaError
        When it cannot be read.
    """
    text = row.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SchemaError(f"{place}, column {name!r}: expected a date in ISO form") from None
    return to_moment(at if at.tzinfo else at.replace(tzinfo=UTC))


def number_in(row: Row, name: str, place: str) -> float | None:
    """Return a number of a row, None where it is empty.

    Raises
    ------
    SchemaError
        When it cannot be read.
    """
    text = row.get(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise SchemaError(f"{place}, column {name!r}: expected a number") from None
