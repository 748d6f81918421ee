"""What channels bring."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from features.moment import DAY
from service.statistics.share import quantiles, share_of
from service.statistics.span import Span, day_created
from service.store.tables import LEADS, WON


def read_value(connection: Connection, span: Span) -> list[dict[str, Any]]:
    """Return wins, value and days to the win of each channel's leads; the most value first."""
    c = LEADS.c
    day = day_created()  # the index has a day's channels together
    leads = select(c.channel, func.count()).where(span.days()).group_by(day, c.channel)
    counts: Counter[str | None] = Counter()
    for channel, count in connection.execute(leads).all():
        counts[channel] += count
    wins: dict[str | None, list[tuple[float | None, float]]] = defaultdict(list)
    query = select(c.channel, c.value, c.outcome_at - c.created_at)
    for channel, value, time in connection.execute(query.where(span.holds(), WON)).all():
        wins[channel].append((value, time / DAY))
    told = []
    for channel, count in counts.items():
        values = np.array([value for value, _ in wins[channel] if value is not None])
        days = np.array([time for _, time in wins[channel]])
        told.append(
            {
                "channel": channel,
                "won": len(days),
                "conversion": share_of(len(days), count),
                "value": float(values.sum()),
                "mean_value": float(values.mean()) if values.size else None,
                "wins_with_value": int(values.size),
                "days_to_win": quantiles(days),
            }
        )
    return sorted(told, key=lambda one: (-one["value"], -one["won"], one["channel"] or ""))
