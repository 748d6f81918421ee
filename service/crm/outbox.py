"""What is still to be told to a CRM: one row per lead, always its newest decision."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from features.moment import MINUTE
from service.crm.field_map import FieldMap
from service.crm.writer import Push
from service.store.content import opened
from service.store.database import placed
from service.store.tables import CRM_OUTBOX, DECISIONS, LEADS, SAMPLE_LEADS

OVERLAP = 5 * MINUTE
"""Decisions are looked at again for so long: a later id may be durable before an earlier one."""
AT_ONCE = 1000
ID_DIGITS = 14
"""A decision's id begins with its moment in so many hexadecimal digits."""
ADD = """INSERT INTO crm_outbox (crm, lead_id, episode, as_of, decision_id, attempts, next_at)
VALUES (?, ?, ?, ?, ?, 0, ?)
ON CONFLICT (crm, lead_id) DO UPDATE SET episode = excluded.episode, as_of = excluded.as_of,
decision_id = excluded.decision_id, attempts = 0, next_at = excluded.next_at, last_error = NULL
WHERE (excluded.episode, excluded.as_of, excluded.decision_id)
    > (crm_outbox.episode, crm_outbox.as_of, crm_outbox.decision_id)"""

TOLD = """UPDATE crm_outbox SET pushed_id = ?, pushed_at = ?,
attempts = CASE WHEN decision_id = ? THEN 0 ELSE attempts END,
next_at = CASE WHEN decision_id = ? THEN NULL ELSE next_at END,
last_error = CASE WHEN decision_id = ? THEN NULL ELSE last_error END
WHERE crm = ? AND lead_id = ?"""


class Due(NamedTuple):
    """A lead that a CRM is to be told of, and how often that was tried."""

    push: Push
    attempts: int


class Parked(NamedTuple):
    """A lead whose score a CRM will not take, and why."""

    lead_id: str
    reason: str


def fill(connection: Connection, crm: str, fields: FieldMap, now: int, *, whole: bool) -> int:
    """Note decisions that are newer than what is noted; return how many there were.

    Ids of decisions sort by time, so that this is a walk over the newest ones, and costs those
    who decide nothing.

    Parameters
    ----------
    whole : bool
        Whether to look at all leads; else only at what was decided since the last time.
    now : int
        UTC microseconds.
    """
    after = "" if whole else _newest(connection, crm)
    looked_at = 0
    statement = placed(connection.engine, ADD)
    columns = (DECISIONS.c.decision_id, DECISIONS.c.lead_id, DECISIONS.c.episode, DECISIONS.c.as_of)
    own = and_(
        LEADS.c.lead_id == DECISIONS.c.lead_id,
        LEADS.c.episode == DECISIONS.c.episode,
        LEADS.c.decision_id == DECISIONS.c.decision_id,
    )
    noted = exists().where(
        CRM_OUTBOX.c.crm == crm,
        CRM_OUTBOX.c.lead_id == DECISIONS.c.lead_id,
        CRM_OUTBOX.c.decision_id == DECISIONS.c.decision_id,
    )
    sample = exists().where(SAMPLE_LEADS.c.lead_id == DECISIONS.c.lead_id)
    # a CRM that showed the score of a lead held out of the agreement would undo that
    routed = or_(LEADS.c.offered.is_(None), LEADS.c.offered != "holdout")
    while True:
        newer = and_(DECISIONS.c.decision_id > after, ~noted, ~sample, routed)
        query = select(*columns).join(LEADS, own).where(newer)
        rows = connection.execute(query.order_by(DECISIONS.c.decision_id).limit(AT_ONCE)).all()
        for row in rows:
            if fields.record_id(row.lead_id) is not None:
                values = (crm, row.lead_id, row.episode, row.as_of, row.decision_id, now)
                connection.exec_driver_sql(statement, values)
        looked_at += len(rows)
        if len(rows) < AT_ONCE:
            return looked_at
        after = rows[-1].decision_id


def _newest(connection: Connection, crm: str) -> str:
    """Return an id before which no decision can be that is not noted."""
    query = select(func.max(CRM_OUTBOX.c.decision_id)).where(CRM_OUTBOX.c.crm == crm)
    newest = connection.execute(query).scalar()
    if newest is None:
        return ""
    return f"{max(0, int(newest[:ID_DIGITS], 16) - OVERLAP):0{ID_DIGITS}x}"


def due(connection: Connection, crm: str, fields: FieldMap, now: int, limit: int) -> list[Due]:
    """Return what is to be told now, the longest due first, with each lead's newest decision."""
    wanted = and_(CRM_OUTBOX.c.crm == crm, CRM_OUTBOX.c.next_at <= now)
    same = CRM_OUTBOX.c.decision_id == DECISIONS.c.decision_id
    columns = (CRM_OUTBOX.c.lead_id, CRM_OUTBOX.c.attempts, DECISIONS.c.decision_id)
    query = select(*columns, DECISIONS.c.content).join(DECISIONS, same).where(wanted)
    query = query.order_by(CRM_OUTBOX.c.next_at, CRM_OUTBOX.c.lead_id).limit(limit)
    found = []
    for row in connection.execute(query):
        answer = opened(row.content)["answer"] | {"decision_id": row.decision_id}
        record_id = fields.record_id(row.lead_id) or row.lead_id
        told = Push(row.lead_id, record_id, row.decision_id, fields.told(answer))
        found.append(Due(told, row.attempts))
    return found


def note_pushed(connection: Connection, crm: str, pushed: Sequence[Push], now: int) -> None:
    """Note what a CRM was told; a lead that was decided on since stays due."""
    statement = placed(connection.engine, TOLD)
    for one in pushed:
        same = (one.decision_id,) * 3
        connection.exec_driver_sql(statement, (one.decision_id, now, *same, crm, one.lead_id))


def note_refused(
    connection: Connection, crm: str, one: Due, reason: str, next_at: int | None
) -> None:
    """Note that a CRM did not take a lead; without a next moment it is parked."""
    same = and_(
        CRM_OUTBOX.c.crm == crm,
        CRM_OUTBOX.c.lead_id == one.push.lead_id,
        CRM_OUTBOX.c.decision_id == one.push.decision_id,
    )
    said = {"attempts": one.attempts + 1, "last_error": reason, "next_at": next_at}
    connection.execute(update(CRM_OUTBOX).where(same).values(**said))


def parked(connection: Connection, crm: str) -> list[Parked]:
    """Return the leads whose score the CRM will not take."""
    query = select(CRM_OUTBOX.c.lead_id, CRM_OUTBOX.c.last_error).where(_parked(crm))
    rows = connection.execute(query.order_by(CRM_OUTBOX.c.lead_id))
    return [Parked(row.lead_id, row.last_error or "") for row in rows]


def release(connection: Connection, crm: str, now: int) -> int:
    """Let parked leads be tried again; return how many."""
    again = update(CRM_OUTBOX).where(_parked(crm)).values(next_at=now, attempts=0)
    return connection.execute(again).rowcount


def state(connection: Connection, crm: str) -> Mapping[str, Any]:
    """Return how many leads wait, were told of and are parked."""
    counted = select(func.count()).select_from(CRM_OUTBOX)
    conditions = {
        "waiting": and_(CRM_OUTBOX.c.crm == crm, CRM_OUTBOX.c.next_at.is_not(None)),
        "pushed": and_(CRM_OUTBOX.c.crm == crm, CRM_OUTBOX.c.pushed_id == CRM_OUTBOX.c.decision_id),
        "parked": _parked(crm),
    }
    return {
        name: connection.execute(counted.where(condition)).scalar_one()
        for name, condition in conditions.items()
    }


def _parked(crm: str) -> Any:
    other = or_(
        CRM_OUTBOX.c.pushed_id.is_(None), CRM_OUTBOX.c.pushed_id != CRM_OUTBOX.c.decision_id
    )
    return and_(CRM_OUTBOX.c.crm == crm, CRM_OUTBOX.c.next_at.is_(None), other)
