"""How fast and how often leads are contacted that were handed over."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, case, func, or_, select

from features.arrays import FloatArray
from features.moment import MINUTE
from models.agreement.agreement import ServiceLevel
from service.statistics.share import quantiles, share_of
from service.statistics.span import Span
from service.store.tables import LEADS, PROGRESSED

LABELS = ("MQL", "SQL")
AT_ONCE = 500
"""Rows that are read before the next; Python would look through all objects of the service again
and again while it holds many more."""


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
    handed_over = _handed_over(connection, span)
    is_sql = handed_over[:, 0] == 1.0
    return [
        _told(label, _delays(handed_over[own]), promised.get(label, ServiceLevel()))
        for label, own in zip(LABELS, (~is_sql, is_sql), strict=True)
    ]


def _handed_over(connection: Connection, span: Span) -> FloatArray:
    """Return, of each lead that was handed over: SQL or not, reached or not, two delays, attempts.

    Attempts are NaN but for leads that were given up. All in one query, since each lead's delay
    is needed for quantiles: reading them is most of what there is to do.
    """
    c = LEADS.c
    given_up = or_(c.rejected_at.is_not(None), c.outcome == "lost") & c.reached_at.is_(None)
    query = select(
        c.sql_at.is_not(None),
        c.reached_at.is_not(None),
        c.mql_at - c.last_known_at,
        c.first_contact_at - c.mql_at,
        case((given_up, func.coalesce(c.attempts, 0))),
    ).where(span.holds(), PROGRESSED, c.mql_at.is_not(None))
    parts = connection.execute(query).partitions(AT_ONCE)
    found = [np.column_stack([_column(one) for one in zip(*part, strict=True)]) for part in parts]
    return np.concatenate(found) if found else np.zeros((0, 5))


def _column(values: Sequence[float | None]) -> FloatArray:
    return np.array(values, dtype=np.float64)


def _delays(leads: FloatArray) -> Delays:
    _, reached, system, people, attempts = leads.T
    return Delays(
        len(leads),
        int(reached.sum()),
        system[np.isfinite(system)] / MINUTE,
        people[people >= 0] / MINUTE,
        attempts[np.isfinite(attempts)],
    )


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
