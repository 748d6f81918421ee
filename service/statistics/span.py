"""The span of time that is counted."""

from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import BigInteger, Column, ColumnElement, literal_column

from features.moment import DAY
from service.store.tables import DAY_CREATED, LEADS

Period: TypeAlias = Literal["day", "week", "month"]
EPOCH = date(1970, 1, 1)


class Span(NamedTuple):
    """From `since` to before `until`, in UTC microseconds."""

    since: int
    until: int

    def holds(self, column: Column[int] = LEADS.c.created_at) -> ColumnElement[bool]:
        """Return the condition that a moment is in the span."""
        return (column >= self.since) & (column < self.until)

    def days(self) -> ColumnElement[bool]:
        """Return `holds` of the moment of creation, so that the index by day is of use."""
        since, until = self.since // DAY, self.until // DAY
        return day_created().between(since, until) & self.holds()


def period_of(day: int, period: Period) -> date:
    """Return the first day of the period that a day belongs to; weeks begin on Mondays.

    Parameters
    ----------
    day : int
        Since 1970-01-01.

    Examples
    --------
    >>> period_of(20517, "week"), period_of(20517, "month")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 1))
    """
    on = EPOCH + timedelta(days=day)
    if period == "month":
        return on.replace(day=1)
    return on if period == "day" else on - timedelta(days=on.weekday())


def day_created() -> ColumnElement[int]:
    """Return the day of a lead's creation, since 1970-01-01; in the words of the index by day."""
    return literal_column(DAY_CREATED.text, BigInteger)
