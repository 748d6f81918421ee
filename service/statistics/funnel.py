"""How far leads come, by channel and period of their creation."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, func, select

from service.statistics.share import share_of
from service.statistics.span import Period, Span, day_created, period_of
from service.store.tables import ERASED, LEADS, PROGRESSED, STAGES


def read_funnel(connection: Connection, span: Span, period: Period) -> dict[str, Any]:
    """Return how many leads came how far, in all, by channel, and by period and channel.

    Who is SQL was at least MQL. Erased leads are counted, too; nothing else is left of them.
    """
    by_channel: dict[str | None, list[int]] = defaultdict(lambda: [0] * len(STAGES))
    by_period: dict[tuple[Any, str | None], list[int]] = defaultdict(lambda: [0] * len(STAGES))
    rows = _rows(connection, span)
    since = {day: period_of(day, period) for day in {row[0] for row in rows}}
    for day, channel, *counts in rows:
        for place in (by_channel[channel], by_period[since[day], channel]):
            for at, count in enumerate(counts):
                place[at] += int(count or 0)
    whole = [sum(counts[at] for counts in by_channel.values()) for at in range(len(STAGES))]
    channels = sorted(by_channel, key=lambda name: (-by_channel[name][0], name or ""))
    periods = sorted(by_period, key=lambda key: (key[0], key[1] or ""))
    return {
        "all": _told(whole),
        "channels": [{"channel": name, **_told(by_channel[name])} for name in channels],
        "periods": [
            {"since": first, "channel": name, **_counted(by_period[first, name])}
            for first, name in periods
        ],
    }


def _rows(connection: Connection, span: Span) -> list[Any]:
    """Return days and channels with a count for each stage, in several parts.

    Who has only come in, or come out, is counted along the index by day; the stages between
    are counted among the fewer leads that have reached one.
    """
    c, day = LEADS.c, day_created()
    created = select(day, c.channel, c.outcome, func.count()).where(span.days())
    rows = [
        (on, channel, count, 0, 0, 0, 0, 0, count * (came == "won"), count * (came == "lost"))
        for on, channel, came, count in connection.execute(
            created.group_by(day, c.channel, c.outcome)
        ).all()
    ]
    between = ("mql_at", "sql_at", "accepted_at", "rejected_at", "opportunity_at")
    reached = select(day, c.channel, *(func.count(c[name]) for name in between))
    reached = reached.where(span.holds(), PROGRESSED).group_by(day, c.channel)
    rows += [
        (on, channel, 0, *counts, 0, 0)
        for on, channel, *counts in connection.execute(reached).all()
    ]
    erased = select(ERASED.c.day, ERASED.c.channel, *(ERASED.c[name] for name in STAGES))
    gone = erased.where(span.holds(ERASED.c.created_at))
    return rows + [(row[0], row[1] or None, *row[2:]) for row in connection.execute(gone)]


def _counted(counts: list[int]) -> dict[str, int]:
    return dict(zip(STAGES, counts, strict=True))


def _told(counts: list[int]) -> dict[str, Any]:
    told = _counted(counts)
    steps = ("leads", "mql", "sql", "accepted", "opportunities", "won")
    return {**told, "conversion": {name: share_of(told[name], told["leads"]) for name in steps[1:]}}
