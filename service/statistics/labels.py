"""What became of leads that were handed over, by label, beside what was promised."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from features.moment import DAY
from service.statistics.share import share_of
from service.statistics.span import Span
from service.store.tables import FEEDBACK, LEADS, PROGRESSED


def read_labels(
    connection: Connection, span: Span, now: int, horizon_days: int
) -> list[dict[str, Any]]:
    """Return acceptance and precision of each label; MQL leaves out who became SQL.

    Precision counts leads that were handed over at least a horizon ago, so that those who are
    still open do not count as lost too soon, nor quick losses for all.
    """
    c, horizon = LEADS.c, horizon_days * DAY
    label = case((c.sql_at.is_not(None), "SQL"), else_="MQL")
    handed = func.coalesce(c.sql_at, c.mql_at)
    mature = handed <= now - horizon
    won = mature & (c.outcome == "won") & (c.outcome_at <= handed + horizon)
    counts: list[ColumnElement[Any]] = [
        func.count(),
        func.count(c.accepted_at),
        func.count(c.rejected_at),
    ]
    counts += [func.sum(case((test, 1), else_=0)) for test in (mature, won)]
    query = (
        select(label, *counts)
        .where(span.holds(), PROGRESSED, c.mql_at.is_not(None))
        .group_by(label)
    )
    found = {row[0]: [int(count or 0) for count in row[1:]] for row in connection.execute(query)}
    told = []
    for name in ("MQL", "SQL"):
        handed_over, accepted, rejected, matured, wins = found.get(name, [0] * 5)
        told.append(
            {
                "label": name,
                "handed_over": handed_over,
                "accepted": accepted,
                "rejected": rejected,
                "acceptance": share_of(accepted, accepted + rejected),
                "won": wins,
                "precision": share_of(wins, matured),
            }
        )
    return told


def read_rejections(connection: Connection, span: Span) -> list[dict[str, Any]]:
    """Return why sales rejected leads, by the label that they judged; the most frequent first."""
    f = FEEDBACK.c
    query = select(f.label, f.code, func.count()).where(span.holds(f.at), ~f.accepted)
    rows = connection.execute(query.group_by(f.label, f.code))
    told = [{"label": label, "code": code, "leads": count} for label, code, count in rows]
    return sorted(told, key=lambda one: (-one["leads"], one["label"] or "", one["code"] or ""))
