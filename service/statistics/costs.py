"""What leads and wins of each channel cost."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection

from features.moment import DAY, to_datetime
from service.statistics.funnel import read_funnel
from service.statistics.share import share_of
from service.statistics.span import EPOCH, Span, period_of
from service.store.costs import read_costs

COUNTED = ("leads", "won", "immature_leads")
NONE = (0, 0, 0)
Form: TypeAlias = Callable[[str], str | None]
LAST = date(9999, 11, 30)
"""After the month that follows there are no dates."""


def read_cost(
    connection: Connection, span: Span, now: int, horizon_days: int, form: Form
) -> dict[str, Any]:
    """Return cost, leads, wins and cost per win of each channel, the dearest channel first.

    Whole months are counted, since costs are given for such: those that the span touches. A
    channel's leads count that were created in a month for which its cost is given; those whose
    month is not over for a whole horizon are immature: of them more may be won yet.

    Parameters
    ----------
    now : int
        UTC microseconds.
    form : callable
        From a channel as people write it to the form in which leads have it.
    """
    whole = whole_months(span)
    given = read_costs(connection, _name(_day(whole.since)), _name(_day(whole.until - 1)))
    told = {"since": to_datetime(whole.since), "until": to_datetime(whole.until)}
    cohorts = _cohorts(connection, whole, now, horizon_days) if given else {}
    costs: dict[str | None, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in given:
        costs[form(row["channel"])][row["month"]] += row["amount"]
    sums = {channel: sum(months.values()) for channel, months in costs.items()}
    counts = {
        channel: _summed([cohorts.get((month, channel), NONE) for month in months])
        for channel, months in costs.items()
    }
    channels = [
        {"channel": name, "months": len(costs[name]), **_told(sums[name], counts[name])}
        for name in sorted(costs, key=lambda name: (-sums[name], name or ""))
    ]
    return {
        **told,
        "horizon_days": horizon_days,
        "all": _told(sum(sums.values()), _summed([*counts.values()])) if costs else None,
        "channels": channels,
    }


def whole_months(span: Span) -> Span:
    """Return the span of the whole months, in UTC, that a span touches.

    Examples
    --------
    >>> whole = whole_months(Span(20517 * DAY, 20548 * DAY))  # from 2026-03-05 to before 2026-04-05
    >>> period_of(whole.since // DAY, "day"), period_of(whole.until // DAY, "day")
    (datetime.date(2026, 3, 1), datetime.date(2026, 5, 1))
    """
    since = (_day(span.since).replace(day=1) - EPOCH).days * DAY
    if span.until <= span.since:
        return Span(since, since)
    last = min(_day(span.until - 1), LAST)
    return Span(since, (_month_after(last) - EPOCH).days * DAY)


def cost_per_won(cost: float, won: int, leads: int) -> dict[str, Any]:
    """Return the cost of a win, with the bounds that come of the 95 % interval of the share won.

    Without any win it has no upper bound, and without leads nothing is known.

    Examples
    --------
    >>> cost_per_won(1000.0, 2, 10)["cost"], cost_per_won(1000.0, 0, 10)["high"]
    (500.0, None)
    """
    share = share_of(won, leads)
    if not leads:
        return {"cost": None, "low": None, "high": None}
    return {
        "cost": cost / won if won else None,
        "low": cost / (leads * share["high"]),
        "high": cost / (leads * share["low"]) if won else None,
    }


def _cohorts(
    connection: Connection, whole: Span, now: int, horizon_days: int
) -> dict[tuple[str, str | None], tuple[int, int, int]]:
    """Return leads, wins and immature leads by month of creation and channel."""
    periods = read_funnel(connection, whole, "month")["periods"]
    ripe = now // DAY - horizon_days
    return {
        (_name(one["since"]), one["channel"]): (
            one["leads"],
            one["won"],
            one["leads"] if (_month_after(one["since"]) - EPOCH).days > ripe else 0,
        )
        for one in periods
    }


def _summed(counts: Sequence[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(NONE, *counts, strict=True)]


def _told(cost: float, counts: Sequence[int]) -> dict[str, Any]:
    leads, won, _ = counts
    return {
        "cost": cost,
        **dict(zip(COUNTED, counts, strict=True)),
        "cost_per_lead": cost / leads if leads else None,
        "cost_per_won": cost_per_won(cost, won, leads),
    }


def _day(at: int) -> date:
    return period_of(at // DAY, "day")


def _name(day: date) -> str:
    return day.isoformat()[:7]


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
