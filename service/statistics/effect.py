"""What the agreement changes: leads that it routes beside those that are held out of it."""

from math import sqrt
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, func, select

from features.moment import DAY
from service.statistics.share import share_of
from service.statistics.span import Span
from service.store.tables import IN_EXPERIMENT, LEADS

ARMS = ("agreement", "holdout")
Z_95 = 1.959963984540054


class Arm(NamedTuple):
    """Leads of one side, their wins within the horizon, and the sums of values and squares."""

    leads: int
    won: int
    value: float
    squares: float

    @property
    def mean(self) -> float:
        """Value per lead."""
        return self.value / self.leads

    @property
    def variance(self) -> float:
        """Of the mean."""
        n = self.leads
        return max(0.0, self.squares - self.value**2 / n) / max(1, n - 1) / n


def read_effect(connection: Connection, span: Span, now: int, horizon_days: int) -> dict[str, Any]:
    """Return wins and value per lead on both sides, and the differences with 95 % intervals.

    Counted are leads that came in at least a horizon ago, with what they brought within one, so
    that both sides had the same time; disqualified ones are outside.
    """
    c, horizon = LEADS.c, horizon_days * DAY
    won = (c.outcome == "won") & (c.outcome_at <= c.created_at + horizon)
    value = case((won, func.coalesce(c.value, 0.0)), else_=0.0)
    ripe = Span(span.since, min(span.until, now - horizon + 1))
    query = select(
        c.arm,
        func.count(),
        func.sum(case((won, 1), else_=0)),
        func.sum(value),
        func.sum(value * value),
    ).where(ripe.holds(), IN_EXPERIMENT, c.label != "disqualified")
    rows = connection.execute(query.group_by(c.arm)).all()
    found = {arm: Arm(n, int(wins), float(total), float(s)) for arm, n, wins, total, s in rows}
    sides = [found.get(name, Arm(0, 0, 0.0, 0.0)) for name in ARMS]
    return {
        "arms": [told(name, side) for name, side in zip(ARMS, sides, strict=True)],
        "wins_per_lead": more_wins(*sides),
        "value_per_lead": more_value(*sides),
    }


def told(name: str, side: Arm) -> dict[str, Any]:
    """Return one side's figures."""
    value = side.mean if side.leads else None
    won = share_of(side.won, side.leads)
    return {"arm": name, "leads": side.leads, "won": won, "value_per_lead": value}


def more_wins(routed: Arm, held_out: Arm) -> dict[str, float] | None:
    """Return by how much more leads are won where the agreement routes; None without leads.

    The interval is Newcombe's (Statistics in Medicine, 1998, method 10), from Wilson's of both.

    Examples
    --------
    >>> found = more_wins(Arm(70, 56, 0, 0), Arm(80, 48, 0, 0))
    >>> [round(found[name], 4) for name in ("difference", "low", "high")]
    [0.2, 0.0524, 0.3339]
    """
    if not routed.leads or not held_out.leads:
        return None
    one, other = share_of(routed.won, routed.leads), share_of(held_out.won, held_out.leads)
    difference = one["share"] - other["share"]
    below = sqrt((one["share"] - one["low"]) ** 2 + (other["high"] - other["share"]) ** 2)
    above = sqrt((one["high"] - one["share"]) ** 2 + (other["share"] - other["low"]) ** 2)
    return {"difference": difference, "low": difference - below, "high": difference + above}


def more_value(routed: Arm, held_out: Arm) -> dict[str, float] | None:
    """Return by how much more value a lead brings where the agreement routes.

    None with fewer than two leads on a side.

    Examples
    --------
    >>> found = more_value(Arm(2, 0, 6.0, 20.0), Arm(2, 0, 2.0, 2.0))
    >>> found["difference"], round(found["high"] - found["difference"], 3)
    (2.0, 1.96)
    """
    if min(routed.leads, held_out.leads) < 2:
        return None
    difference = routed.mean - held_out.mean
    half = Z_95 * sqrt(routed.variance + held_out.variance)
    return {"difference": difference, "low": difference - half, "high": difference + half}
