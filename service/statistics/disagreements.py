"""Where sales and the score see a lead differently."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from service.statistics.span import Span
from service.store.tables import DECISIONS, FEEDBACK

MOST = 10


class Disagreement(NamedTuple):
    """A verdict of sales on a decision; `code` says why it was rejected."""

    lead_id: str
    episode: int
    score: int
    label: str
    code: str | None


def read_disagreements(
    connection: Connection, span: Span, most: int = MOST
) -> dict[str, list[Disagreement]]:
    """Return the rejected leads of the highest scores, and the accepted ones of the lowest.

    Scores are those that were judged; verdicts on leads without a score are left out.
    """
    return {
        "rejected": _judged(connection, span, most, accepted=False),
        "accepted": _judged(connection, span, most, accepted=True),
    }


def _judged(connection: Connection, span: Span, most: int, *, accepted: bool) -> list[Disagreement]:
    f, d = FEEDBACK.c, DECISIONS.c
    query = select(f.lead_id, f.episode, d.score, d.label, f.code)
    query = query.join(DECISIONS, d.decision_id == f.decision_id)
    query = query.where(span.holds(f.at), f.accepted.is_(accepted), d.score.is_not(None))
    order = d.score.asc() if accepted else d.score.desc()
    rows: list[Row[Any]] = list(
        connection.execute(query.order_by(order, f.lead_id, f.at).limit(most))
    )
    return [Disagreement._make(row) for row in rows]
