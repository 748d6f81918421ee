"""How figures are written."""

from collections.abc import Mapping, Sequence
from typing import Any

ABSENT = "–"
MINUS = "\N{MINUS SIGN}"
PERCENT = "\N{NO-BREAK SPACE}%"


def count(value: float | None) -> str:
    """Return a whole number with thousands apart."""
    return ABSENT if value is None else f"{value:,.0f}"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share in percent."""
    return ABSENT if value is None else f"{100.0 * value:.{digits}f}{PERCENT}"


def amount(value: float | None, digits: int = 3) -> str:
    """Return a figure."""
    return ABSENT if value is None else _signed_zero(f"{value:.{digits}f}")


def difference(value: float | None, digits: int = 4) -> str:
    """Return a figure with its sign."""
    return ABSENT if value is None else f"{value:+.{digits}f}".replace("-", MINUS)


def between(interval: Sequence[float | None] | None, digits: int = 3) -> str:
    """Return an interval."""
    if interval is None or None in interval:
        return ABSENT
    low, high = interval
    return f"{amount(low, digits)} to {amount(high, digits)}"


def shares_between(interval: Sequence[float | None] | None, digits: int = 1) -> str:
    """Return an interval of shares in percent."""
    if interval is None or None in interval:
        return ABSENT
    low, high = interval
    return f"{100.0 * (low or 0.0):.{digits}f} to {share(high, digits)}"


def with_interval(found: Any, name: str, digits: int = 3) -> str:
    """Return a figure of a report and its interval."""
    value = amount(found.get(name), digits)
    interval = found.get("intervals", {}).get(name)
    return value if interval is None else f"{value} ({between(interval, digits)})"


def day(moment: str | None) -> str:
    """Return the day of a moment in ISO form."""
    return ABSENT if moment is None else moment[:10]


def channel_name(row: Mapping[str, Any]) -> str:
    """Return the name of a report's channel, as people write it where that is known."""
    return row.get("spelling") or row["channel"] or "not known"


def segment_name(row: Mapping[str, Any]) -> str:
    """Return the name of a report's segment, as people write it where that is known."""
    return row.get("spelling") or row["segment"] or "rare or not known"


def plain(name: str) -> str:
    """Return a name from code as words."""
    return name.replace("_", " ")


def _signed_zero(text: str) -> str:
    return text.replace("-", MINUS)
