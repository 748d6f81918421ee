"""Decisions as they were kept."""

from typing import Any

from sqlalchemy import Connection, select

from service.store.content import opened
from service.store.tables import DECISIONS


def newest_decisions(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Return the newest decisions, each as it was seen and answered; ids sort by time."""
    query = select(DECISIONS.c.lead_id, DECISIONS.c.content)
    query = query.order_by(DECISIONS.c.decision_id.desc()).limit(limit)
    return [{"lead_id": row.lead_id, **opened(row.content)} for row in connection.execute(query)]
