"""Past leads that were decided on like grounds, and what came of them within the horizon."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from features.moment import DAY, to_datetime
from service.store.content import opened
from service.store.tables import DAY_CREATED, DECISIONS

MOST_LEADS = 1_000
"""The newest of those whose horizon may be over."""
MOST_OF_A_LEAD = 20
"""Its first decisions, of which the last fitting one is taken."""
MOST_DECISIONS = 200
MOST = 10
SCORE_POINTS = 10
DIFFERENCES = 2
LEAST_POINTS = 0.5
"""A family that differs by less is not named."""
SHOWN = "lead_id, episode, created_at, channel, outcome, outcome_at"
# Each step reads a bounded number of rows by an index, however many leads there are and however
# few of them came out: the newest leads by day, the first decisions of each, their content by id.
NEAR = f"""
WITH past AS (
    SELECT {SHOWN} FROM leads
    WHERE {DAY_CREATED.text} <= :until / {DAY} AND created_at <= :until AND lead_id <> :lead_id
    ORDER BY {DAY_CREATED.text} DESC, created_at DESC LIMIT {MOST_LEADS}
), chosen AS (
    SELECT past.*, (
        SELECT decision_id FROM (
            SELECT decision_id, as_of, decided_at, score, model_version FROM decisions
            WHERE lead_id = past.lead_id AND episode = past.episode
            ORDER BY decided_at LIMIT {MOST_OF_A_LEAD}
        ) AS own
        WHERE model_version = :model_version AND score BETWEEN :low AND :high
            AND as_of <= :until AND (past.outcome_at IS NULL OR as_of < past.outcome_at)
        ORDER BY as_of DESC, decided_at DESC, decision_id DESC LIMIT 1
    ) AS chosen_id
    FROM past WHERE past.outcome IS NOT NULL OR :open
)
SELECT {", ".join(f"chosen.{name}" for name in SHOWN.split(", "))},
    decisions.decision_id, decisions.as_of, decisions.score, decisions.label
FROM chosen JOIN decisions ON decisions.decision_id = chosen.chosen_id
ORDER BY abs(decisions.score - :score), decisions.decision_id LIMIT {MOST_DECISIONS}
"""


class Likeness(NamedTuple):
    """What past leads are compared with.

    Parameters
    ----------
    lead_id : str
        Its other episodes are no past leads.
    score : int
    ledger : mapping of str to float
        Points of each family.
    model_version : str
        Points of another model mean something else.
    """

    lead_id: str
    score: int
    ledger: Mapping[str, float]
    model_version: str


def read_similar(
    connection: Connection, of: Likeness, now: int, horizon_days: int | None
) -> dict[str, Any]:
    """Return the past leads whose points were most alike, each at one decision of its own.

    Parameters
    ----------
    of : Likeness
    now : int
        UTC microseconds.
    horizon_days : int or None
        A decision counts once its horizon is over, whatever came of the lead: those won or lost
        early would else stand for all. Without a horizon, leads count that came out.

    Returns
    -------
    dict
        `looked_at`, how many past leads were compared, and `leads`, the nearest first: the
        distance is the sum of the absolute differences of the families' points.
    """
    horizon = None if horizon_days is None else horizon_days * DAY
    rows = {row["decision_id"]: row for row in near(connection, of, now, horizon)}
    found = connection.execute(
        select(DECISIONS.c.decision_id, DECISIONS.c.content).where(
            DECISIONS.c.decision_id.in_(list(rows))
        )
    )
    compared = []
    for decision_id, content in found:
        ledger = opened(content)["answer"]["ledger"]
        if ledger is not None:
            compared.append(past_lead(rows[decision_id], ledger, of.ledger, horizon))
    compared.sort(key=lambda one: (one["distance"], one["lead_id"], one["episode"]))
    return {"looked_at": len(compared), "leads": compared[:MOST]}


def near(
    connection: Connection, of: Likeness, now: int, horizon: int | None
) -> Sequence[Mapping[str, Any]]:
    """Return leads with the decision at which each is compared, the nearest score first.

    What was decided when or after a lead came out is left out.
    """
    asked = {
        "lead_id": of.lead_id,
        "model_version": of.model_version,
        "score": of.score,
        "low": of.score - SCORE_POINTS,
        "high": of.score + SCORE_POINTS,
        "until": now - (horizon or 0),
        "open": horizon is not None,
    }
    return [dict(row) for row in connection.execute(text(NEAR), asked).mappings()]


def past_lead(
    row: Mapping[str, Any],
    ledger: Mapping[str, float],
    of: Mapping[str, float],
    horizon: int | None,
) -> dict[str, Any]:
    """Return a past lead beside the one that it is compared with.

    Examples
    --------
    >>> row = dict.fromkeys(SHOWN.split(", ")) | {"score": 50, "label": "MQL"}
    >>> row |= {"created_at": 0, "as_of": 0}
    >>> found = past_lead(row, {"fit": 3.0, "intent": 1.0}, {"fit": 1.0, "intent": 1.2}, None)
    >>> found["distance"], found["differs"]
    (2.2, [{'family': 'fit', 'points': 2.0}])
    """
    families = {*ledger, *of}
    points = {one: round(ledger.get(one, 0.0) - of.get(one, 0.0), 2) for one in families}
    largest = sorted(points, key=lambda one: (-abs(points[one]), one))[:DIFFERENCES]
    return {
        "lead_id": row["lead_id"],
        "episode": row["episode"],
        "created_at": to_datetime(row["created_at"]),
        "as_of": to_datetime(row["as_of"]),
        "channel": row["channel"],
        "outcome": came_of(row, horizon),
        "score": row["score"],
        "label": row["label"],
        "distance": round(sum(map(abs, points.values())), 2),
        "differs": [
            {"family": one, "points": points[one]}
            for one in largest
            if abs(points[one]) >= LEAST_POINTS
        ],
    }


def came_of(row: Mapping[str, Any], horizon: int | None) -> str | None:
    """Return how a lead came out within the horizon after its decision.

    Examples
    --------
    >>> row = {"outcome": "won", "as_of": 5, "outcome_at": 15}
    >>> came_of(row, 10), came_of(row, 9), came_of(row, None)
    ('won', None, 'won')
    """
    outcome: str | None = row["outcome"]
    if outcome is None or (horizon is not None and row["outcome_at"] > row["as_of"] + horizon):
        return None
    return outcome
