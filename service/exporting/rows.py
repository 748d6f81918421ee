"""What the store has kept, as rows of the export's files."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, select

from features.moment import DAY, to_datetime
from service.exporting.mapping_text import STANDARD, column_of
from service.store.content import opened
from service.store.tables import ACTIVITIES, ATTRIBUTE_VALUES, DECISIONS, FEEDBACK, LEADS

ACTIVITY_COLUMNS = ("lead_id", "kind", "occurred_at", "recorded_at", "actor")
HISTORY_COLUMNS = ("lead_id", "attribute", "value", "changed_at")
FEEDBACK_COLUMNS = (
    *("lead_id", "episode", "decision_id", "accepted", "code", "at", "offered", "propensity"),
    *("label", "grade", "score", "probability", "channel"),
)
CAME_TO = ("mql_at", "sql_at", "reached_at", "accepted_at", "rejected_at")
DECIDED = ("as_of", "model_version", "agreement_version", "probability", "label")
DECISION_COLUMNS = ("lead_id", "episode", *DECIDED, *CAME_TO)
AT_ENTRY = DAY
"""What a lead's first request brings within a day of its creation was known at creation: the
service is asked a little later than the lead comes in."""


def lead_columns(attributes: Sequence[str]) -> list[str]:
    """Return the columns of the leads file."""
    return [*STANDARD, "outcome", "outcome_at", *map(column_of, attributes)]


def lead_rows(connection: Connection, attributes: Sequence[str]) -> Iterator[list[str]]:
    """Return a row per episode, with today's values."""
    names = (*STANDARD, "outcome", "outcome_at")
    query = select(*(LEADS.c[name] for name in names), LEADS.c.attributes)
    query = query.order_by(LEADS.c.lead_id, LEADS.c.episode)
    for row in _stream(connection, query):
        *known, text = row
        values = from_json(text)
        told = dict(zip(names, known, strict=True)) | {"outcome": known[-2] or "open"}
        today = (from_json(values[name][0]) if name in values else None for name in attributes)
        yield [*(_cell(name, told[name]) for name in names), *(_value(value) for value in today)]


def activity_rows(connection: Connection) -> Iterator[list[str]]:
    """Return a row per activity."""
    query = select(*(ACTIVITIES.c[name] for name in ACTIVITY_COLUMNS))
    query = query.order_by(ACTIVITIES.c.lead_id, ACTIVITIES.c.episode, ACTIVITIES.c.occurred_at)
    for row in _stream(connection, query):
        yield [_cell(name, value) for name, value in zip(ACTIVITY_COLUMNS, row, strict=True)]


def history_rows(connection: Connection) -> Iterator[list[str]]:
    """Return a row per change of an attribute."""
    a, own = ATTRIBUTE_VALUES.c, LEADS.c
    both = (own.lead_id == a.lead_id) & (own.episode == a.episode)
    query = select(a.lead_id, a.episode, a.name, a.value, a.known_at, own.created_at)
    query = query.join(LEADS, both).order_by(a.lead_id, a.episode, a.known_at, a.name)
    lead, first = None, 0
    for lead_id, episode, name, value, known_at, created_at in _stream(connection, query):
        if lead != (lead_id, episode):
            lead, first = (lead_id, episode), known_at
        at_entry = known_at == first and known_at - created_at <= AT_ENTRY
        changed_at = min(known_at, created_at) if at_entry else known_at
        yield [lead_id, name, _value(from_json(value)), _moment(changed_at)]


def decision_rows(connection: Connection) -> Iterator[list[str]]:
    """Return a row per episode: its first decision, where there is one, and what it came to."""
    own, made = LEADS.c, DECISIONS.c
    same = (own.lead_id == made.lead_id) & (own.episode == made.episode)
    ids = (own.lead_id, own.episode)
    query = select(*ids, *(made[name] for name in DECIDED), *(own[name] for name in CAME_TO))
    query = query.outerjoin(DECISIONS, same)
    query = query.order_by(*ids, made.decided_at, made.as_of, made.decision_id)
    before = None
    for row in _stream(connection, query):
        if row[:2] != before:
            before = row[:2]
            told = zip(DECISION_COLUMNS, row, strict=True)
            yield [_cell(name, value) for name, value in told]


def feedback_rows(connection: Connection) -> Iterator[list[str]]:
    """Return a row per verdict of sales, with what was judged."""
    query = select(FEEDBACK, DECISIONS.c.content)
    query = query.outerjoin(DECISIONS, DECISIONS.c.decision_id == FEEDBACK.c.decision_id)
    query = query.order_by(FEEDBACK.c.lead_id, FEEDBACK.c.episode, FEEDBACK.c.at)
    for row in _stream(connection, query):
        kept = {} if row.content is None else opened(row.content)
        answer = kept.get("answer", {})
        told = row._asdict() | {name: answer.get(name) for name in ("offered", "propensity")}
        told |= {name: answer.get(name) for name in ("grade", "score", "probability")}
        told["channel"] = kept.get("lead", {}).get("channel")
        told["accepted"] = "true" if row.accepted else "false"
        yield [_cell(name, told[name]) for name in FEEDBACK_COLUMNS]


def _stream(connection: Connection, query: Any) -> Any:
    return connection.execution_options(yield_per=1000).execute(query)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    is_moment = name.endswith("_at") or name in ("at", "as_of")
    return _moment(value) if is_moment else str(value)


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _moment(at: int) -> str:
    moment = to_datetime(at)
    return "" if moment is None else moment.isoformat().replace("+00:00", "Z")
