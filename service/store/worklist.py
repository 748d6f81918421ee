"""Leads to work now, the most worthwhile and urgent first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
)

from features.moment import DAY, to_datetime
from service.store.content import opened
from service.store.tables import CONTACTS, DECISIONS, LEADS, OFFERED

HELD_OUT = "holdout"
ARRIVED_DAYS = 7
"""A lead that is held out comes to its full place on the list in so many days."""
HIDDEN = ("label", "score", "probability", "priority")
"""What would let sales treat a lead that is held out by what the model says."""
SHRINKAGE_WINS = 10
"""A channel's mean value counts as much as the mean of all at so many wins."""
SHOWN = (
    *("lead_id", "episode", "owner", "channel", "source", "label", "score", "probability"),
    *("offered", "decision_id", "handed_over_at", "contact_by", "first_contact_at", "reached_at"),
)
MOMENTS = ("handed_over_at", "contact_by", "first_contact_at", "reached_at")
MOST_REASONS = 3


class WorklistQuery(NamedTuple):
    """Which leads are asked for; `now` in UTC microseconds."""

    label: str | None
    owner: str | None
    limit: int
    offset: int
    now: int


def read_worklist(connection: Connection, asked: WorklistQuery) -> dict[str, Any]:
    """Return the leads that were offered to sales and wait for them, and how many there are.

    A lead's priority is its probability, times the mean value of its channel's wins (shrunk
    towards that of all) where values are known, times its urgency: from 1, when it is handed
    over, to 2, when it has to be contacted, while nobody has tried; 1 after that. Leads that are
    held out of the agreement stand among the others in the order of their arrival: each counts as
    the mean of those that were handed over, and says nothing of label, score and reasons.
    """
    values, overall = mean_values()
    worth = LEADS.c.probability * func.coalesce(values.c.mean, overall, 1.0)
    by_label = worth * urgency(asked.now)
    by_arrival = mean_worth(overall) * arrived(asked.now)
    held_out = LEADS.c.offered == HELD_OUT
    priority = case((held_out, by_arrival), else_=by_label).label("priority")
    where = waiting(asked)
    order = (priority.desc().nulls_last(), LEADS.c.lead_id, LEADS.c.episode)
    first = select(LEADS.c.lead_id, LEADS.c.episode, priority).where(where)
    first = first.select_from(LEADS.outerjoin(values, values.c.channel == LEADS.c.channel))
    first = first.order_by(*order).limit(asked.limit)
    ranked = first.offset(asked.offset).subquery("ranked")
    same = (ranked.c.lead_id == LEADS.c.lead_id) & (ranked.c.episode == LEADS.c.episode)
    query = select(*(LEADS.c[name] for name in SHOWN), ranked.c.priority)
    query = query.select_from(ranked.join(LEADS, same))
    query = query.order_by(
        ranked.c.priority.desc().nulls_last(), ranked.c.lead_id, ranked.c.episode
    )
    page = connection.execute(query).mappings().all()
    waiting_ones = select(func.count()).select_from(LEADS)
    total = connection.execute(waiting_ones.where(where)).scalar_one()
    ids = [row["decision_id"] for row in page]
    kept = select(DECISIONS.c.decision_id, DECISIONS.c.content)
    found = connection.execute(kept.where(DECISIONS.c.decision_id.in_(ids)))
    answers = {row.decision_id: opened(row.content)["answer"] for row in found}
    tried = attempts(connection, page)
    items = [
        item_of(row, answers.get(row["decision_id"], {}), count)
        for row, count in zip(page, tried, strict=True)
    ]
    return {"total": total, "items": items}


def waiting(asked: WorklistQuery) -> ColumnElement[bool]:
    """Return the condition that a lead waits for sales and is asked for."""
    drawn = and_(
        LEADS.c.offered == "exploration",
        LEADS.c.accepted_at.is_(None),
        LEADS.c.rejected_at.is_(None),
    )
    held_out = and_(
        LEADS.c.offered == HELD_OUT,
        LEADS.c.accepted_at.is_(None),
        LEADS.c.rejected_at.is_(None),
    )
    offered = or_(LEADS.c.handed_over_at.is_not(None), drawn, held_out)
    conditions: list[ColumnElement[bool]] = [offered, open_to_work()]
    if asked.label is not None:
        # under every label, or the label would decide who is worked
        conditions.append(or_(LEADS.c.label == asked.label, LEADS.c.offered == HELD_OUT))
    if asked.owner is not None:
        conditions.append(LEADS.c.owner == asked.owner)
    return and_(*conditions)


def open_to_work() -> ColumnElement[bool]:
    """Return the condition of the index of these leads, in the same words."""
    return and_(OFFERED, LEADS.c.outcome.is_(None))


def urgency(now: int) -> ColumnElement[float]:
    """Return how urgent a lead is that waits, from 1 to 2."""
    span = LEADS.c.contact_by - LEADS.c.handed_over_at
    share = 1.0 * (now - LEADS.c.handed_over_at) / span
    tried = LEADS.c.last_contact_at >= LEADS.c.handed_over_at
    return case(
        (func.coalesce(span, 0) <= 0, 1.0),
        (func.coalesce(tried, False), 1.0),
        (share >= 1, 2.0),
        (share <= 0, 1.0),
        else_=1 + share,
    )


def mean_worth(overall: ScalarSelect[Any]) -> ColumnElement[float]:
    """Return what a lead that was handed over is worth on average."""
    waits = LEADS.alias("handed_over")
    mean = select(func.avg(waits.c.probability)).where(waits.c.handed_over_at.is_not(None))
    return func.coalesce(mean.scalar_subquery(), 1.0) * func.coalesce(overall, 1.0)


def arrived(now: int) -> ColumnElement[float]:
    """Return how long a lead has been there, from 1 to 2: who came first comes first."""
    share = 1.0 * (now - LEADS.c.created_at) / (ARRIVED_DAYS * DAY)
    return case((share <= 0, 1.0), else_=2.0 - 1.0 / (1.0 + share))


def mean_values() -> tuple[Subquery, ScalarSelect[Any]]:
    """Return the mean value of the wins of each channel, shrunk towards that of all; and that."""
    won = (LEADS.c.outcome == "won") & LEADS.c.value.is_not(None)
    overall = select(func.avg(LEADS.c.value)).where(won).scalar_subquery()
    wins, total = func.count(), func.sum(LEADS.c.value)
    shrunk = (total + SHRINKAGE_WINS * overall) / (wins + SHRINKAGE_WINS)
    query = select(LEADS.c.channel, shrunk.label("mean")).where(won).group_by(LEADS.c.channel)
    return query.subquery(), overall


def attempts(connection: Connection, leads: Sequence[Mapping[Any, Any]]) -> list[int]:
    """Return how often somebody has tried to reach each lead since it was handed over."""
    contacts = select(CONTACTS.c.lead_id, CONTACTS.c.episode, CONTACTS.c.at)
    of_page = contacts.where(CONTACTS.c.lead_id.in_([lead["lead_id"] for lead in leads]))
    made: dict[tuple[str, int], list[int]] = defaultdict(list)
    for lead_id, episode, at in connection.execute(of_page):
        made[lead_id, episode].append(at)
    return [
        sum(at >= (lead["handed_over_at"] or 0) for at in made[lead["lead_id"], lead["episode"]])
        for lead in leads
    ]


def item_of(row: Mapping[Any, Any], answer: Mapping[str, Any], attempts: int) -> dict[str, Any]:
    """Return a lead of the list, with the grade and reasons of its last decision."""
    if row["offered"] == HELD_OUT:
        row, answer = {**row, **dict.fromkeys(HIDDEN)}, {}
    moments = {name: None if row[name] is None else to_datetime(row[name]) for name in MOMENTS}
    return {
        **row,
        **moments,
        "grade": answer.get("grade"),
        "reasons": answer.get("reasons", [])[:MOST_REASONS],
        "attempts": attempts,
        "least_attempts": answer.get("qualification", {}).get("least_attempts"),
    }
