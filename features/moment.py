"""Moments in time as whole UTC microseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
"""Microseconds in a day."""
NEVER: Final = -(2**63)
"""The moment that stands for "not known"."""


def to_moment(at: datetime) -> int:
    """Return an aware datetime as UTC microseconds since 1970.

    Raises
    ------
    ValueError
        When `at` has no time zone.

    Examples
    --------
    >>> to_moment(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone, this datetime has none")
    return (at - EPOCH) // MICROSECOND


def to_datetime(moment: int) -> datetime | None:
    """Return a moment as an aware UTC datetime, None for `NEVER`.

    Examples
    --------
    >>> to_datetime(86_400_000_000).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    if moment == NEVER:
        return None
    return EPOCH + timedelta(microseconds=int(moment))
