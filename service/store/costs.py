"""What channels cost, month by month."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, text

from features.errors import SchemaError
from service.store.audit import log_change
from service.store.tables import COSTS

GIVEN = "costs given"
MOST_ROWS = 20_000
"""A hundred years of a few channels, or a hundred channels for some years."""
LOCK = text("LOCK TABLE costs IN SHARE ROW EXCLUSIVE MODE")


class Cost(NamedTuple):
    """What a channel cost in a month, such as "2026-03"."""

    month: str
    channel: str
    amount: float


def put_costs(
    connection: Connection, new: Sequence[Cost], at: int, who: str | None
) -> dict[str, Any]:
    """Let costs take the place of all that were given for the same months before.

    The same again changes nothing, and is not logged.

    Parameters
    ----------
    new : sequence of Cost
        Each channel at most once a month.
    at : int
        UTC microseconds.
    who : str or None
        Name of the key that was used.

    Raises
    ------
    SchemaError
        When more would be kept than there is room for.
    """
    _lock(connection)
    months = sorted({one.month for one in new})
    own = COSTS.c.month.in_(months)
    query = select(COSTS.c.month, COSTS.c.channel, COSTS.c.amount, COSTS.c.is_sample).where(own)
    before = {tuple(row) for row in connection.execute(query)}
    changed = before != {(*one, False) for one in new}
    if changed:
        connection.execute(delete(COSTS).where(own))
        _add(connection, new, at, is_sample=False)
        kept = connection.execute(select(func.count()).select_from(COSTS)).scalar_one()
        if kept > MOST_ROWS:
            raise SchemaError(f"body: {kept} rows would be kept, expected at most {MOST_ROWS}")
        told = {"months": months, "rows": len(new), "rows_before": len(before)}
        log_change(connection, at, who, (GIVEN, None), told)
    return {
        "months": months,
        "rows": len(new),
        "rows_before": len(before),
        "changed": changed,
    }


def read_costs(
    connection: Connection, first: str | None = None, last: str | None = None
) -> list[dict[str, Any]]:
    """Return what is kept, by month and channel; of some months alone where they are named."""
    c = COSTS.c
    query = select(c.month, c.channel, c.amount, c.is_sample).order_by(c.month, c.channel)
    if first is not None:
        query = query.where(c.month >= first)
    if last is not None:
        query = query.where(c.month <= last)
    return [dict(row) for row in connection.execute(query).mappings()]


def add_sample_costs(connection: Connection, new: Sequence[Cost], at: int) -> int:
    """Keep a sample's costs but for months of which others are known; return how many."""
    _lock(connection)
    known = set(connection.execute(select(COSTS.c.month).distinct()).scalars())
    fresh = [one for one in new if one.month not in known]
    _add(connection, fresh, at, is_sample=True)
    return len(fresh)


def _add(connection: Connection, new: Sequence[Cost], at: int, *, is_sample: bool) -> None:
    more = {"is_sample": is_sample, "recorded_at": at}
    if new:
        connection.execute(insert(COSTS), [one._asdict() | more for one in new])


def _lock(connection: Connection) -> None:
    """Let one writer of costs after the other change them, as SQLite does anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK)
