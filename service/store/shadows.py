"""What a challenger made of decisions, as it is stored."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from service.store.database import placed

AT_ONCE = 400


class Shadowed(NamedTuple):
    """One decision by both models; moments in UTC microseconds.

    Parameters
    ----------
    champion_us, challenger_us : int or None
        Microseconds of computing that the lead alone costs; measured at some only.
    """

    decision_id: str
    lead_id: str
    episode: int
    as_of: int
    decided_at: int
    champion_version: str
    challenger_version: str
    champion_probability: float
    champion_score: int
    champion_label: str
    challenger_probability: float
    challenger_score: int
    challenger_label: str
    champion_us: int | None = None
    challenger_us: int | None = None


ADD = f"""INSERT INTO shadows ({", ".join(Shadowed._fields)})
VALUES ({", ".join("?" * len(Shadowed._fields))}) ON CONFLICT DO NOTHING"""
DROPPED = """INSERT INTO shadows_dropped (challenger_version, hour, decisions) VALUES (?, ?, ?)
ON CONFLICT (challenger_version, hour) DO UPDATE
SET decisions = shadows_dropped.decisions + excluded.decisions"""
THERE = "SELECT lead_id, episode FROM leads WHERE (lead_id, episode) IN (VALUES %s)"
# an erasure waits for these rows, or they for it; in one order, so that nobody waits in a ring
KEPT_THERE = " ORDER BY lead_id, episode FOR KEY SHARE"


def add_shadows(
    connection: Connection, rows: Sequence[Shadowed], dropped: Mapping[tuple[str, int], int]
) -> int:
    """Keep a group; return how many. Nothing is kept of leads that were erased meanwhile.

    Parameters
    ----------
    dropped : mapping of (str, int) to int
        Decisions that were not compared, by the challenger's version and hour.
    """
    there = _there(connection, sorted({(row.lead_id, row.episode) for row in rows}))
    kept = [tuple(row) for row in rows if (row.lead_id, row.episode) in there]
    if kept:
        connection.exec_driver_sql(placed(connection.engine, ADD), kept)
    if dropped:
        told = [(*place, count) for place, count in sorted(dropped.items())]
        connection.exec_driver_sql(placed(connection.engine, DROPPED), told)
    return len(kept)


def _there(connection: Connection, keys: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    locks = KEPT_THERE if connection.engine.dialect.name == "postgresql" else ""
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        statement = THERE % ", ".join(["(?, ?)"] * len(some)) + locks
        values = tuple(value for key in some for value in key)
        rows = connection.exec_driver_sql(placed(connection.engine, statement), values)
        found.update((row[0], row[1]) for row in rows)
    return found
