"""What people did with a lead, and what became of it, in the order of time."""

from typing import Any

from sqlalchemy import Connection, select

from service.store.episode import at_place
from service.store.tables import CONTACTS, FEEDBACK, OUTCOMES

TOLD = {
    "feedback": (FEEDBACK, ("accepted", "code", "decision_id")),
    "outcome": (OUTCOMES, ("outcome", "value")),
    "contact": (CONTACTS, ("means", "reached")),
}


def read_timeline(connection: Connection, lead_id: str, episode: int) -> list[dict[str, Any]]:
    """Return verdicts, outcomes and attempts; `at` in UTC microseconds."""
    items = []
    for what, (table, names) in TOLD.items():
        own = at_place(table, {"lead_id": lead_id, "episode": episode})
        columns = [table.c[name] for name in ("at", *names)]
        for row in connection.execute(select(*columns).where(own)).mappings():
            items.append({"what": what, **row})
    return sorted(items, key=lambda item: item["at"])
