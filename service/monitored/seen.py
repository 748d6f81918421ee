"""Leads as the store knows that they were first decided."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, select

from features.column import Column
from features.moment import DAY, NEVER
from models.monitor.observed import Observed
from service.store.content import opened
from service.store.tables import DECISIONS, LEADS

NEWEST = 20_000
"""Leads that are counted: their predictions and outcomes."""
INSIDE = 2_000
"""The newest of them, of which values are looked at, too."""
MATURED = 2_000
SHOWN = (
    *(LEADS.c[name] for name in ("lead_id", "episode", "channel", "outcome", "outcome_at")),
    *(DECISIONS.c[name] for name in ("as_of", "decided_at", "model_version", "probability")),
    DECISIONS.c.decision_id,
)


def read_observed(
    connection: Connection,
    names: Sequence[str],
    version: str,
    now: int,
    horizon_days: int | None,
) -> Observed:
    """Return the newest leads, and the newest whose horizon is over, at their first decision.

    Parameters
    ----------
    names : sequence of str
        Attributes to look at, besides channel and source.
    version : str
        The model in use; what another one predicted does not count.
    now : int
        Moment.
    horizon_days : int or None
    """
    rows = _first(connection.execute(_leads(NEWEST, now)))
    if horizon_days is not None:
        ripe = _first(connection.execute(_leads(MATURED, now - horizon_days * DAY)))
        rows = {**ripe, **rows}
    ordered = sorted(rows.values(), key=lambda row: (row.as_of, row.lead_id, row.episode))
    inside = _inside(connection, [row.decision_id for row in ordered[-INSIDE:]])
    return _observed(ordered, inside, names, version)


def _leads(most: int, before: int) -> Select[Any]:
    newest = (
        select(LEADS.c.lead_id, LEADS.c.episode)
        .where(LEADS.c.created_at <= before)
        .order_by(LEADS.c.created_at.desc())
        .limit(most)
        .subquery()
    )
    chosen = (newest.c.lead_id == LEADS.c.lead_id) & (newest.c.episode == LEADS.c.episode)
    same = (DECISIONS.c.lead_id == LEADS.c.lead_id) & (DECISIONS.c.episode == LEADS.c.episode)
    return select(*SHOWN).join(newest, chosen).join(DECISIONS, same)


def _first(rows: Iterable[Any]) -> dict[tuple[str, int], Any]:
    """Return each episode's first decision."""
    found: dict[tuple[str, int], Any] = {}
    for row in rows:
        before = found.setdefault((row.lead_id, row.episode), row)
        if _order(row) < _order(before):
            found[row.lead_id, row.episode] = row
    return found


def _order(row: Any) -> tuple[int, int, str]:
    return row.decided_at, row.as_of, row.decision_id


def _inside(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what was seen of leads, by decision."""
    found = {}
    for start in range(0, len(ids), 400):
        some = DECISIONS.c.decision_id.in_(ids[start : start + 400])
        query = select(DECISIONS.c.decision_id, DECISIONS.c.content).where(some)
        for decision_id, content in connection.execute(query):
            found[decision_id] = opened(content)["lead"]
    return found


def _observed(
    rows: Sequence[Any],
    inside: dict[str, dict[str, Any]],
    names: Sequence[str],
    version: str,
) -> Observed:
    seen = [inside.get(row.decision_id, {}) for row in rows]
    codes = np.arange(len(rows), dtype=np.int32)
    fields = {
        "channel": Column([row.channel for row in rows], codes),
        "source": Column([lead.get("source") for lead in seen], codes),
    }
    values = [lead.get("attributes", {}) for lead in seen]
    fields |= {name: Column([own.get(name) for own in values], codes) for name in names}
    own = [row.probability if row.model_version == version else None for row in rows]
    won = [row.outcome_at if row.outcome == "won" else NEVER for row in rows]
    return Observed(
        at=np.array([row.as_of for row in rows], dtype=np.int64),
        fields=fields,
        probability=np.array(own, dtype=np.float64),
        won_at=np.array(won, dtype=np.int64),
        closed=np.array([row.outcome is not None for row in rows], dtype=np.bool_),
    )
