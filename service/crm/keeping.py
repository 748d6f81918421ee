"""Keeps what CRM systems tell of leads, whenever, however often and in whatever order it comes."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Row, select, update

from features.moment import DAY
from features.space import FeatureSpace
from service.access.seen import START
from service.crm.field_map import FieldMap
from service.crm.moments import moment_in
from service.crm.receiver import Event
from service.errors import ConflictError, NotFoundError
from service.store.activities import NewActivity, add_activities
from service.store.database import placed
from service.store.episode import episode_of
from service.store.erasure import erase_lead
from service.store.lease import take_lease
from service.store.outcomes import Outcome, add_outcome
from service.store.tables import LEADS, LEASES

ADD_LEAD = """INSERT INTO leads (lead_id, episode, created_at, attributes)
VALUES (?, 1, ?, '{}') ON CONFLICT DO NOTHING"""
ADD_VALUE = """INSERT INTO attribute_values (lead_id, episode, name, known_at, value)
VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
LATE = 4 * DAY
"""So long after a deletion CRM systems may still tell what was before it."""
FIRST = ("channel", "source")
LATEST = ("account_id", "contact_id", "owner")


def keep_events(
    connection: Connection,
    fields: FieldMap,
    events: Sequence[Event],
    space: FeatureSpace,
    now: int,
) -> list[str]:
    """Keep what events tell; return the leads of which something is known that was not.

    Parameters
    ----------
    now : int
        UTC microseconds; nothing that is told happened later.
    """
    changed: dict[str, None] = {}
    dated = [one._replace(at=now if one.at is None else min(one.at, now)) for one in events]
    for event in sorted(dated, key=lambda one: (one.record_id, one.at or 0)):
        lead_id, at = fields.lead_id(event.record_id), event.at or 0
        if event.gone:
            _erase(connection, lead_id, now)
            changed.pop(lead_id, None)
        elif not _was_erased_after(connection, lead_id, at, now) and Keeper(
            connection, space, now
        ).keep(lead_id, event, at):
            changed[lead_id] = None
    return list(changed)


class Keeper:
    """Keeps what single events tell."""

    def __init__(self, connection: Connection, space: FeatureSpace, now: int) -> None:
        self.connection = connection
        self.space = space
        self.now = now

    def keep(self, lead_id: str, event: Event, at: int) -> bool:
        """Keep what an event tells; return whether anything was not known."""
        told = event.known.get("created_at")
        came = told if isinstance(told, int) else moment_in(told)
        came_at = min(at if came is None else came, self.now)
        new = bool(self._run(ADD_LEAD, (lead_id, came_at)))
        lead = episode_of(self.connection, lead_id, None)
        kept = [
            self._lead(lead, event, came_at),
            self._attributes(lead, event, at),
            self._activities(lead, event),
            self._outcome(lead, event, at),
        ]
        return new or any(kept)

    def _lead(self, lead: Row[Any], event: Event, came_at: int) -> bool:
        values: dict[str, Any] = {}
        if lead.episode == 1 and came_at < lead.created_at:
            values["created_at"] = came_at
        for name in FIRST:
            if event.known.get(name) and getattr(lead, name) is None:
                values[name] = self.space.stored(name, event.known[name])
        for name in LATEST:
            told = event.known.get(name)
            if told and str(told)[:200] != getattr(lead, name):
                values[name] = str(told)[:200]
        if values:
            own = (LEADS.c.lead_id == lead.lead_id) & (LEADS.c.episode == lead.episode)
            self.connection.execute(update(LEADS).where(own).values(**values))
        return bool(values)

    def _attributes(self, lead: Row[Any], event: Event, at: int) -> bool:
        held = from_json(lead.attributes)
        new = 0
        for name, told in event.attributes.items():
            if name not in self.space.attribute_names:
                continue
            value = to_json(self.space.stored(name, told)).decode()
            before = held.get(name)
            if before is not None and before[0] == value and before[1] <= at:
                continue
            if not self._run(ADD_VALUE, (lead.lead_id, lead.episode, name, at, value)):
                continue
            new += 1
            if before is None or before[1] <= at:
                held[name] = (value, at)
        if new:
            own = (LEADS.c.lead_id == lead.lead_id) & (LEADS.c.episode == lead.episode)
            text = to_json(held).decode()
            self.connection.execute(update(LEADS).where(own).values(attributes=text))
        return bool(new)

    def _activities(self, lead: Row[Any], event: Event) -> bool:
        deeds = [
            NewActivity(lead.lead_id, lead.episode, kind, min(at, self.now), self.now, name, None)
            for name, kind, at in event.activities
        ]
        return bool(deeds) and any(add_activities(self.connection, deeds).values())

    def _outcome(self, lead: Row[Any], event: Event, at: int) -> bool:
        if event.outcome is None:
            return False
        when = at if event.outcome_at is None else min(event.outcome_at, self.now)
        new = Outcome(
            *(lead.lead_id, lead.episode, event.outcome, when, event.value, False, self.now, None)
        )
        try:
            return bool(add_outcome(self.connection, new)["new"])
        except ConflictError:
            return False  # what was said first stays, until somebody corrects it

    def _run(self, statement: str, values: tuple[Any, ...]) -> int:
        made = self.connection.exec_driver_sql(placed(self.connection.engine, statement), values)
        return made.rowcount


def _erase(connection: Connection, lead_id: str, now: int) -> None:
    """Erase a lead, and note for a while that it was: by a digest, which names nobody."""
    with suppress(NotFoundError):  # it never came, or is gone already
        erase_lead(connection, lead_id, now, None)
    take_lease(connection, _word(lead_id), now + LATE, now + LATE)


def _was_erased_after(connection: Connection, lead_id: str, at: int, now: int) -> bool:
    query = select(LEASES.c.until).where(LEASES.c.name == _word(lead_id), LEASES.c.until > now)
    until = connection.execute(query).scalar()
    return until is not None and at <= until - LATE


def _word(lead_id: str) -> str:
    return f"{START}crm erased:{hashlib.sha256(lead_id.encode()).hexdigest()}"
