"""Attempts to reach leads."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from service.store.episode import episode_of, put_row
from service.store.tables import CONTACTS


class Contact(NamedTuple):
    """An attempt to reach a lead."""

    lead_id: str
    episode: int | None
    at: int
    means: str
    reached: bool
    recorded_at: int


def add_contact(connection: Connection, new: Contact) -> dict[str, Any]:
    """Keep an attempt to reach a lead.

    Raises
    ------
    NotFoundError
        When the lead is not stored.
    ConflictError
        When the same attempt was told with another result.
    """
    lead = episode_of(connection, new.lead_id, new.episode)
    place = {"lead_id": new.lead_id, "episode": lead.episode, "at": new.at, "means": new.means}
    is_new = put_row(connection, CONTACTS, place, {"reached": new.reached}, new.recorded_at)
    return {**place, "reached": new.reached, "new": is_new}
