"""Moments and numbers as CRM systems write them."""

from datetime import UTC, datetime
from typing import Any

from features.moment import EPOCH, MICROSECOND, to_datetime

MILLISECONDS = 13
"""Digits of a moment that is told in milliseconds since 1970, for centuries."""


def moment_in(value: object) -> int | None:
    """Return a moment in UTC microseconds, None where there is none.

    A day without a time is its beginning.

    Examples
    --------
    >>> moment_in("2026-01-02T00:00:00.000+0000") == moment_in("2026-01-02")
    True
    >>> moment_in("1767312000000") == moment_in("2026-01-02"), moment_in("soon")
    (True, None)
    """
    text = str(value or "").strip()
    if text.isascii() and text.isdecimal():
        return int(text) * 1000 if len(text) <= MILLISECONDS else None
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=at.tzinfo or UTC) - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        return None


def iso(value: Any) -> str | None:
    """Return a moment in ISO form, None where there is none.

    Examples
    --------
    >>> iso("1767312000000"), iso("")
    ('2026-01-02T00:00:00Z', None)
    """
    at = moment_in(value.isoformat() if hasattr(value, "isoformat") else value)
    moment = None if at is None else to_datetime(at)
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def number(value: Any) -> float | None:
    """Return a number, None where there is none."""
    try:
        return float(value) if value not in (None, "") else None
    except ValueError:
        return None
