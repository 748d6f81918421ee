"""Leads as the store knows that they were first decided."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from features.column import Column
from features.moment import DAY, NEVER
from models.monitor.observed import Observed
from service.statistics.span import day_created
from service.store.content import opened
from service.store.tables import DECISIONS, LEADS

NEWEST = 20_000
"""Leads that are counted: their predictions and outcomes."""
INSIDE = 2_000
"""The newest of them, of which values are looked at, too."""
MATURED = 2_000
AT_ONCE = 400
"""Keys in one statement."""
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
    keys = _newest(connection, NEWEST, now)
    if horizon_days is not None:
        keys += _newest(connection, MATURED, now - horizon_days * DAY)
    rows = _first(connection, set(keys))
    ordered = sorted(rows.values(), key=lambda row: (row.as_of, row.lead_id, row.episode))
    inside = _inside(connection, [row.decision_id for row in ordered[-INSIDE:]])
    return _observed(ordered, inside, names, version)


def _newest(connection: Connection, most: int, before: int) -> list[tuple[str, int]]:
    """Return the keys of the newest leads, by the index of days: created_at alone has none."""
    day = day_created()
    query = select(LEADS.c.lead_id, LEADS.c.episode)
    query = query.where(day <= before // DAY, LEADS.c.created_at <= before)
    query = query.order_by(day.desc(), LEADS.c.created_at.desc()).limit(most)
    return [(row.lead_id, row.episode) for row in connection.execute(query)]


def _first(connection: Connection, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """Return each episode's first decision; a few leads at a time, since others read, too."""
    found: dict[tuple[str, int], Any] = {}
    ids = sorted({lead_id for lead_id, _ in keys})
    same = (DECISIONS.c.lead_id == LEADS.c.lead_id) & (DECISIONS.c.episode == LEADS.c.episode)
    for start in range(0, len(ids), AT_ONCE):
        some = LEADS.c.lead_id.in_(ids[start : start + AT_ONCE])
        for row in connection.execute(select(*SHOWN).join(DECISIONS, same).where(some)):
            key = (row.lead_id, row.episode)
            if key in keys and (key not in found or _order(row) < _order(found[key])):
                found[key] = row
    return found


def _order(row: Any) -> tuple[int, int, str]:
    return row.decided_at, row.as_of, row.decision_id


def _inside(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what was seen of leads, by decision."""
    found = {}
    for start in range(0, len(ids), AT_ONCE):
        some = DECISIONS.c.decision_id.in_(ids[start : start + AT_ONCE])
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
