"""One episode of a lead, and the rows that tell what became of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, insert, select, update

from service.errors import NO_SUCH_LEAD, ConflictError, NotFoundError
from service.store.tables import LEADS


def episode_of(connection: Connection, lead_id: str, episode: int | None) -> Row[Any]:
    """Return a lead's episode, which nobody else changes until the transaction ends.

    Parameters
    ----------
    episode : int or None
        Default: the newest.

    Raises
    ------
    NotFoundError
        When the lead is not stored.
    """
    query = select(LEADS).where(LEADS.c.lead_id == lead_id)
    if episode is not None:
        query = query.where(LEADS.c.episode == episode)
    query = query.order_by(LEADS.c.episode.desc()).limit(1).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFoundError(NO_SUCH_LEAD)
    return found


def put_row(
    connection: Connection,
    table: Table,
    place: dict[str, Any],
    values: dict[str, Any],
    recorded_at: int,
) -> bool:
    """Keep a row; return whether it was new. The same row again changes nothing.

    Raises
    ------
    ConflictError
        When another row stands at its place.
    """
    before = connection.execute(select(table).where(at_place(table, place))).one_or_none()
    if before is None:
        connection.execute(insert(table).values(**place, **values, recorded_at=recorded_at))
        return True
    for name, value in values.items():
        if getattr(before, name) != value:
            raise ConflictError(
                f"{name}: something else was told before; expected the same, or a correction"
            )
    return False


def at_place(table: Table, place: dict[str, Any]) -> ColumnElement[bool]:
    """Return the condition that a row stands at a place."""
    return and_(*(table.c[name] == value for name, value in place.items()))


def end_hand_over(connection: Connection, lead: Row[Any]) -> None:
    """Write down that a lead no longer waits for sales: they have answered."""
    own = at_place(LEADS, {"lead_id": lead.lead_id, "episode": lead.episode})
    connection.execute(update(LEADS).where(own).values(handed_over_at=None, contact_by=None))


def change_episode(connection: Connection, lead: Row[Any], values: Mapping[str, Any]) -> None:
    """Write down how far a lead has come."""
    own = at_place(LEADS, {"lead_id": lead.lead_id, "episode": lead.episode})
    connection.execute(update(LEADS).where(own).values(**values))
