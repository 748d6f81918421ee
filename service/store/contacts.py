"""Attempts to reach leads."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, select

from service.store.episode import at_place, change_episode, episode_of, put_row
from service.store.tables import CONTACTS

WORKED = ("attempts", "first_contact_at", "last_contact_at", "reached_at")


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
    own = at_place(CONTACTS, {"lead_id": new.lead_id, "episode": lead.episode})
    at = CONTACTS.c.at
    reached_at = func.min(case((CONTACTS.c.reached, at)))
    query = select(func.count(), func.min(at), func.max(at), reached_at).where(own)
    worked = dict(zip(WORKED, connection.execute(query).one(), strict=True))
    change_episode(connection, lead, worked)
    return {**place, "reached": new.reached, "new": is_new}
