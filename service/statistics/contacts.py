"""How fast and how often leads are contacted that were handed over."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from features.moment import MINUTE
from models.agreement.agreement import ServiceLevel
from service.statistics.share import quantiles, share_of
from service.statistics.span import Span
from service.store.tables import LEADS

COLUMNS = ("mql_at", "sql_at", "last_known_at", "first_contact_at", "reached_at", "attempts")


def read_contacts(
    connection: Connection, span: Span, promised: Mapping[str, ServiceLevel]
) -> list[dict[str, Any]]:
    """Return the delays of each label, in minutes, and the attempts before giving up.

    The system's delay runs from the last thing known of a lead to its hand-over, the people's
    from there to the first attempt. Given up are leads that were rejected or lost and never
    reached.
    """
    c = LEADS.c
    shown = [c[name] for name in COLUMNS]
    query = select(*shown, c.rejected_at, c.outcome).where(span.holds(), c.mql_at.is_not(None))
    rows = connection.execute(query).all()
    columns = list(zip(*rows, strict=True)) or [()] * (len(COLUMNS) + 2)
    numbers = [np.array(values, dtype=np.float64) for values in columns[: len(COLUMNS)]]
    found = dict(zip(COLUMNS, numbers, strict=True))
    rejected = np.array([value is not None for value in columns[-2]], dtype=bool)
    lost = np.array([value == "lost" for value in columns[-1]], dtype=bool)
    given_up = (rejected | lost) & np.isnan(found["reached_at"])
    is_sql = ~np.isnan(found["sql_at"])
    return [
        _told(name, {key: of[rows_] for key, of in found.items()}, given_up[rows_], promised)
        for name, rows_ in (("MQL", ~is_sql), ("SQL", is_sql))
    ]


def _told(
    label: str,
    found: Mapping[str, "np.ndarray[Any, np.dtype[np.float64]]"],
    given_up: "np.ndarray[Any, np.dtype[np.bool_]]",
    promised: Mapping[str, ServiceLevel],
) -> dict[str, Any]:
    level = promised.get(label, ServiceLevel())
    people = (found["first_contact_at"] - found["mql_at"]) / MINUTE
    tried = people >= 0
    system = (found["mql_at"] - found["last_known_at"]) / MINUTE
    attempts = np.nan_to_num(found["attempts"][given_up])
    told = {
        "label": label,
        "handed_over": int(given_up.size),
        "contacted": int(tried.sum()),
        "reached": int((~np.isnan(found["reached_at"])).sum()),
        "system_delay_minutes": quantiles(system[~np.isnan(system)]),
        "first_contact_minutes": quantiles(people[tried]),
        "promised_minutes": level.first_contact_minutes,
        "in_time": None,
        "given_up": int(given_up.sum()),
        "attempts_before_giving_up": quantiles(attempts),
        "promised_attempts": level.least_attempts,
        "given_up_too_soon": None,
    }
    if level.first_contact_minutes is not None:
        in_time = int((people[tried] <= level.first_contact_minutes).sum())
        told["in_time"] = share_of(in_time, int(given_up.size))
    if level.least_attempts is not None:
        soon = int((attempts < level.least_attempts).sum())
        told["given_up_too_soon"] = share_of(soon, int(attempts.size))
    return told
