"""Leads with their values and outcomes, from files into the store."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import Connection, insert, select, update

from features.space import FeatureSpace
from service.errors import ConflictError
from service.exporting.mapping_text import column_of
from service.importing.row import Numbered, Row, episode_in, id_in, moment_in, number_in
from service.store.database import placed
from service.store.outcomes import Outcome, add_outcome
from service.store.tables import ATTRIBUTE_VALUES, LEADS

ADD_LEAD = """INSERT INTO leads (lead_id, episode, created_at, channel, source, account_id,
contact_id, owner, attributes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}') ON CONFLICT DO NOTHING"""
ADD_VALUE = """INSERT INTO attribute_values (lead_id, episode, name, known_at, value)
VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""


class Loaded(NamedTuple):
    """How many leads were new, and how many outcomes were refused for one told before."""

    new: int = 0
    outcomes: int = 0
    refused: int = 0


def add_leads(
    connection: Connection, rows: Sequence[Numbered], space: FeatureSpace, now: int
) -> Loaded:
    """Keep leads that are not known yet, and the outcomes of all.

    Raises
    ------
    SchemaError
        Naming file, line or row, and column.
    """
    new = outcomes = refused = 0
    for place, row in rows:
        lead_id, episode = id_in(row, "lead_id", place), episode_in(row, place)
        created_at = moment_in(row, "created_at", place)
        known = (lead_id, episode, now if created_at is None else created_at)
        came = (space.stored(name, row.get(name)) for name in ("channel", "source"))
        whose = (row.get(name) or None for name in ("account_id", "contact_id", "owner"))
        values = (*known, *came, *whose)
        statement = placed(connection.engine, ADD_LEAD)
        new += connection.exec_driver_sql(statement, values).rowcount
        for outcome in outcomes_of(row, place, (lead_id, episode), now):
            try:
                add_outcome(connection, outcome)
                outcomes += 1
            except ConflictError:
                refused += 1
    return Loaded(new, outcomes, refused)


def outcomes_of(row: Row, place: str, lead: tuple[str, int], now: int) -> list[Outcome]:
    """Return what a row says became of a lead."""
    found: list[tuple[str, int, float | None]] = []
    opened = moment_in(row, "opportunity_at", place)
    if opened is not None:
        found.append(("opportunity", opened, None))
    outcome = row.get("outcome")
    if outcome in ("won", "lost"):
        closed = moment_in(row, "outcome_at", place)
        found.append((outcome, now if closed is None else closed, number_in(row, "value", place)))
    return [Outcome(*lead, what, at, value, False, now, None) for what, at, value in found]


def add_history(connection: Connection, rows: Sequence[Numbered], space: FeatureSpace) -> None:
    """Keep dated values, in their stored forms; of leads' first episodes."""
    statement = placed(connection.engine, ADD_VALUE)
    for place, row in rows:
        name = row["attribute"]
        at = moment_in(row, "changed_at", place)
        if name in space.attribute_names and at is not None:
            value = to_json(stored(space, name, row["value"])).decode()
            connection.exec_driver_sql(
                statement, (id_in(row, "lead_id", place), 1, name, at, value)
            )


def settle(connection: Connection, rows: Sequence[Numbered], space: FeatureSpace, now: int) -> None:
    """Keep today's values where they differ from the last dated ones, and note the latest."""
    ids = sorted({row["lead_id"].strip() for _, row in rows})
    query = select(ATTRIBUTE_VALUES).where(ATTRIBUTE_VALUES.c.lead_id.in_(ids))
    latest: dict[tuple[str, int], dict[str, tuple[str, int]]] = defaultdict(dict)
    for kept in connection.execute(query.order_by(ATTRIBUTE_VALUES.c.known_at)):
        latest[kept.lead_id, kept.episode][kept.name] = (kept.value, kept.known_at)
    for _, row in rows:
        key = (row["lead_id"].strip(), int(row.get("episode") or 1))
        known = latest[key]
        for name, value in today(row, space).items():
            if name not in known or known[name][0] != value:
                known[name] = (value, now)
                place = dict(zip(("lead_id", "episode"), key, strict=True))
                new = insert(ATTRIBUTE_VALUES).values(**place, name=name, known_at=now, value=value)
                connection.execute(new)
        own = (LEADS.c.lead_id == key[0]) & (LEADS.c.episode == key[1])
        text = to_json(known).decode()
        connection.execute(update(LEADS).where(own).values(attributes=text))


def today(row: Row, space: FeatureSpace) -> Mapping[str, str]:
    """Return the values of a row in stored form, as JSON; those that are there."""
    columns = {name: column_of(name) for name in space.attribute_names}
    return {
        name: to_json(stored(space, name, row[column])).decode()
        for name, column in columns.items()
        if row.get(column)
    }


def stored(space: FeatureSpace, name: str, text: str) -> Any:
    """Return the stored form of a cell: of a value as people write it, or of a stored form."""
    if text[:1] in ("{", "["):
        try:
            return space.stored(name, json.loads(text))
        except ValueError:
            pass
    return space.stored(name, text)
