"""A CSV file with the standard columns, read row by row."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from features.errors import SchemaError
from service.api.read import moment_of

AT_ONCE = 500
LONGEST_ID = 200
MOST_EPISODES = 1000
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


def id_in(row: Row, name: str, place: str) -> str:
    """Return an id of a row.

    Raises
    ------
    SchemaError
        When there is none.
    """
    text = (row.get(name) or "").strip()
    if not text or len(text) > LONGEST_ID:
        raise _wrong(place, name, "an id")
    return text


def moment_in(row: Row, name: str, place: str) -> int | None:
    """Return a date of a row in UTC microseconds, None where it is empty.

    Raises
    ------
    SchemaError
        When it cannot be read.
    """
    text = row.get(name)
    try:
        return None if not text else moment_of(datetime.fromisoformat(text))
    except ValueError:
        raise _wrong(place, name, "a date in ISO form") from None


def number_in(row: Row, name: str, place: str) -> float | None:
    """Return a number of a row, None where it is empty.

    Raises
    ------
    SchemaError
        When it cannot be read, or is infinite.
    """
    text = row.get(name)
    try:
        number = None if not text else float(text)
    except ValueError:
        raise _wrong(place, name, "a number") from None
    if number is not None and not isfinite(number):
        raise _wrong(place, name, "a number")
    return number


def episode_in(row: Row, place: str) -> int:
    """Return the episode of a row, the first where it says none.

    Raises
    ------
    SchemaError
        When it is no number from 1 to 1000.
    """
    text = row.get("episode") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= MOST_EPISODES:
        raise _wrong(place, "episode", f"a number from 1 to {MOST_EPISODES}")
    return int(text)


def _wrong(place: str, name: str, expected: str) -> SchemaError:
    return SchemaError(f"{place}, column {name!r}: expected {expected}")
