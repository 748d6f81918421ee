"""How fast and how often leads are contacted that were handed over."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from features.arrays import FloatArray
from features.moment import MINUTE
from models.agreement.agreement import ServiceLevel
from service.statistics.share import quantiles, share_of
from service.statistics.span import Span
from service.store.tables import LEADS, PROGRESSED

LABELS = ("MQL", "SQL")


class Delays(NamedTuple):
    """What is known of the leads of a label; delays in minutes, attempts of those given up."""

    handed_over: int
    reached: int
    system: FloatArray
    people: FloatArray
    attempts: FloatArray


def read_contacts(
    connection: Connection, span: Span, promised: Mapping[str, ServiceLevel]
) -> list[dict[str, Any]]:
    """Return the delays of each label, in minutes, and the attempts before giving up.

    The system's delay runs from the last thing known of a lead to its hand-over, the people's
    from there to the first attempt. Given up are leads that were rejected or lost and never
    reached.
    """
    return [
        _told(label, _delays(connection, span, label), promised.get(label, ServiceLevel()))
        for label in LABELS
    ]


def _delays(connection: Connection, span: Span, label: str) -> Delays:
    c = LEADS.c
    is_sql = c.sql_at.is_not(None) if label == "SQL" else c.sql_at.is_(None)
    of_label = and_(span.holds(), PROGRESSED, c.mql_at.is_not(None), is_sql)
    system, people = c.mql_at - c.last_known_at, c.first_contact_at - c.mql_at
    given_up = or_(c.rejected_at.is_not(None), c.outcome == "lost") & c.reached_at.is_(None)
    attempts = func.coalesce(c.attempts, 0)
    tried = select(attempts, func.count()).where(of_label, given_up).group_by(attempts)
    made = np.array(connection.execute(tried).all(), dtype=np.float64).reshape(-1, 2)
    counted = select(func.count(), func.count(c.reached_at)).where(of_label)
    handed_over, reached = connection.execute(counted).one()
    return Delays(
        handed_over,
        reached,
        _minutes(connection, system, and_(of_label, c.last_known_at.is_not(None))),
        _minutes(connection, people, and_(of_label, people >= 0)),
        np.repeat(made[:, 0], made[:, 1].astype(np.int64)),
    )


def _minutes(
    connection: Connection, delay: ColumnElement[int], where: ColumnElement[bool]
) -> FloatArray:
    found = connection.execute(select(delay).where(where)).scalars().all()
    return np.array(found, dtype=np.float64) / MINUTE


def _told(label: str, of: Delays, level: ServiceLevel) -> dict[str, Any]:
    told = {
        "label": label,
        "handed_over": of.handed_over,
        "contacted": int(of.people.size),
        "reached": of.reached,
        "system_delay_minutes": quantiles(of.system),
        "first_contact_minutes": quantiles(of.people),
        "promised_minutes": level.first_contact_minutes,
        "in_time": None,
        "given_up": int(of.attempts.size),
        "attempts_before_giving_up": quantiles(of.attempts),
        "promised_attempts": level.least_attempts,
        "given_up_too_soon": None,
    }
    if level.first_contact_minutes is not None:
        in_time = int((of.people <= level.first_contact_minutes).sum())
        told["in_time"] = share_of(in_time, of.handed_over)
    if level.least_attempts is not None:
        soon = int((of.attempts < level.least_attempts).sum())
        told["given_up_too_soon"] = share_of(soon, int(of.attempts.size))
    return told
