"""A row of a file with the standard columns, and what its cells say."""

from datetime import datetime
from math import isfinite
from typing import TypeAlias

from features.errors import SchemaError
from service.api.read import moment_of

LONGEST_ID = 200
MOST_EPISODES = 1000
Row: TypeAlias = dict[str, str]
Numbered: TypeAlias = tuple[str, Row]
"""A row and its place, such as "leads.csv, line 2", for messages."""


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
