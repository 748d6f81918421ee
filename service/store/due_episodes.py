"""Episodes to be scored again, because time has passed."""

from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_

from service.store.tables import LEADS


class Due(NamedTuple):
    """Which open episodes are due, in the order of their keys; moments in UTC microseconds."""

    after: tuple[str, int]
    decided_before: int
    created_after: int
    limit: int


def due_episodes(connection: Connection, asked: Due) -> list[tuple[str, int]]:
    """Return the next open episodes that were decided long enough ago."""
    key = tuple_(LEADS.c.lead_id, LEADS.c.episode)
    query = select(LEADS.c.lead_id, LEADS.c.episode).where(
        key > asked.after,
        LEADS.c.outcome.is_(None),
        LEADS.c.decided_as_of < asked.decided_before,
        LEADS.c.created_at > asked.created_after,
    )
    query = query.order_by(LEADS.c.lead_id, LEADS.c.episode).limit(asked.limit)
    return [(row.lead_id, row.episode) for row in connection.execute(query)]
