"""Past leads that were decided on like grounds, and what came of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, or_, select, text

from features.moment import DAY, to_datetime
from service.store.content import opened
from service.store.tables import DAY_CREATED, DECISIONS, LEADS

MOST_LEADS = 1_000
"""The newest of those whose outcome is known."""
MOST_DECISIONS = 200
MOST = 10
SCORE_POINTS = 10
DIFFERENCES = 2
LEAST_POINTS = 0.5
"""A family that differs by less is not named."""
COLUMNS = (
    *("lead_id", "episode", "created_at", "channel", "outcome", "decided_as_of", "decision_id"),
    *("score", "label"),
)


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
    connection: Connection, of: Likeness, matured_before: int | None
) -> dict[str, Any]:
    """Return the past leads whose points were most alike when they were last scored.

    Parameters
    ----------
    of : Likeness
    matured_before : int or None
        Leads created until then that are still open were not won within the horizon, in UTC
        microseconds; None where the model has no horizon.

    Returns
    -------
    dict
        `looked_at`, how many past leads were compared, and `leads`, the nearest first: the
        distance is the sum of the absolute differences of the families' points.
    """
    near = sorted(known_outcomes(connection, of, matured_before), key=lambda one: one[0])
    rows = {row["decision_id"]: row for _, row in near[:MOST_DECISIONS]}
    found = connection.execute(
        select(DECISIONS.c.decision_id, DECISIONS.c.content).where(
            DECISIONS.c.decision_id.in_(list(rows)),
            DECISIONS.c.model_version == of.model_version,
        )
    )
    compared = []
    for decision_id, content in found:
        ledger = opened(content)["answer"]["ledger"]
        if ledger is not None:
            compared.append(past_lead(rows[decision_id], ledger, of.ledger))
    compared.sort(key=lambda one: (one["distance"], one["lead_id"], one["episode"]))
    return {"looked_at": len(compared), "leads": compared[:MOST]}


def known_outcomes(
    connection: Connection, of: Likeness, matured_before: int | None
) -> Sequence[tuple[int, Mapping[str, Any]]]:
    """Return the newest leads with an outcome and a near score, each with how near it is.

    What was decided after the outcome was known is left out.
    """
    c = LEADS.c
    closed = and_(c.outcome.in_(("won", "lost")), c.decided_as_of <= c.outcome_at)
    over = and_(c.outcome.is_(None), c.created_at <= (matured_before or 0))
    newest = text(f"{DAY_CREATED.text} DESC")
    query = select(*(c[name] for name in COLUMNS)).where(or_(closed, over))
    query = query.where(c.lead_id != of.lead_id, c.score.is_not(None))
    rows = connection.execute(query.order_by(newest).limit(MOST_LEADS)).mappings()
    near = [(abs(int(row["score"]) - of.score), dict(row)) for row in rows]
    return [one for one in near if one[0] <= SCORE_POINTS]


def past_lead(
    row: Mapping[str, Any], ledger: Mapping[str, float], of: Mapping[str, float]
) -> dict[str, Any]:
    """Return a past lead beside the one that it is compared with.

    Examples
    --------
    >>> row = dict.fromkeys(COLUMNS) | {"created_at": 0, "decided_as_of": 0}
    >>> found = past_lead(row, {"fit": 3.0, "intent": 1.0}, {"fit": 1.0, "intent": 1.2})
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
        "as_of": to_datetime(row["decided_as_of"]),
        "channel": row["channel"],
        "outcome": row["outcome"],
        "score": row["score"],
        "label": row["label"],
        "distance": round(sum(map(abs, points.values())), 2),
        "differs": [
            {"family": one, "points": points[one]}
            for one in largest
            if abs(points[one]) >= LEAST_POINTS
        ],
    }


def matured_until(now: int, horizon_days: float | None) -> int | None:
    """Return until when a lead must have been created to have had its whole horizon.

    Examples
    --------
    >>> matured_until(90 * DAY, 30) == 60 * DAY, matured_until(0, None) is None
    (True, True)
    """
    return None if horizon_days is None else now - round(horizon_days * DAY)
