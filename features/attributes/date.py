"""Dates of the company or person, seen from the moment of scoring."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.moment import to_datetime, to_moment

FORMATS = ("%Y/%m/%d", "%d.%m.%Y", "%Y%m%d", "%Y年%m月%d日", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M")


@dataclass(frozen=True, slots=True)
class DateEncoder(Encoder):
    """A date; its feature is the days from it to `as_of` (negative: in the future)."""

    type: ClassVar[str] = "date"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Days since the date; the space subtracts it from `as_of`."""
        return (("days_since", "days"),)

    def read(self, value: object) -> int | None:
        """Return the moment; a date without zone is UTC."""
        if isinstance(value, datetime):
            return to_moment(value if value.tzinfo else value.replace(tzinfo=UTC))
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str):
            raise Unreadable
        return to_moment(date_in(value))

    def numbers(self, meaning: int) -> Row:
        """Return the moment in microseconds (exact as a float until the year 2255)."""
        return (float(meaning),)

    def stored(self, meaning: int) -> str:
        """Return the moment in ISO form."""
        at = to_datetime(meaning)
        assert at is not None, "a meaning is never NEVER"
        return at.isoformat()

    def shown(self, meaning: int, language: str) -> Shown:
        """Return the day."""
        at = to_datetime(meaning)
        assert at is not None, "a meaning is never NEVER"
        return Shown(at.date().isoformat(), "value", {"value": at.date().isoformat()})


def date_in(text: str) -> datetime:
    """Return the aware UTC datetime that a text holds.

    Raises
    ------
    Unreadable
        When it is no date in ISO form or one of the usual unambiguous forms.

    Examples
    --------
    >>> date_in("2026-03-02").isoformat(), date_in("02.03.2026").isoformat()
    ('2026-03-02T00:00:00+00:00', '2026-03-02T00:00:00+00:00')
    """
    text = text.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _in_usual_form(text)
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise Unreadable from None


def _in_usual_form(text: str) -> datetime:
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Unreadable
