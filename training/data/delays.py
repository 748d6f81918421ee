"""How long wins take, seen in data that begin after the first and end before the last of them."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray, MomentArray
from features.moment import DAY, NEVER, to_datetime
from training.data.export import WON, Export

SHARE = 0.8
SHARES = tuple(round(0.05 * step, 2) for step in range(1, 20))
DEFAULT_DAYS = 90
ROUNDING = 1e-6
TOLERANCE = 1e-8
MOST_STEPS = 2_000
MOST_DRAWN = 20_000
"""With more wins, an interval would only tell how fine the curve is."""
DRAWS = 100
DRAW_STEPS = 100


@dataclass(frozen=True, slots=True)
class Delays:
    """Delays of the wins that an export shows, and which delays it could have shown.

    Parameters
    ----------
    delay : array of shape (n_wins,)
        Days from creation to the win.
    shortest, longest : arrays of shape (n_wins,)
        A win of the same lead would be in the data if its delay were between these.
    """

    delay: FloatArray
    shortest: FloatArray
    longest: FloatArray

    @staticmethod
    def of(created: MomentArray, won_at: MomentArray, data_end: int) -> "Delays":
        """Return the delays of wins.

        No win is recorded before the first one: a lead that is older than that could only be
        seen to be won from then on. A win is in the data only when it came before their end.

        Parameters
        ----------
        created, won_at : arrays of shape (n_wins,)
            Moments, `won_at` not before `created`.
        data_end : int
            Latest moment of the data.
        """
        delay = (won_at - created) / DAY
        recorded_from = int(won_at.min()) if len(won_at) else NEVER
        return Delays(
            delay=delay,
            shortest=np.maximum((recorded_from - created) / DAY, 0.0),
            longest=np.maximum((data_end - created) / DAY, delay),
        )

    def take(self, rows: IntArray) -> "Delays":
        """Return some of the wins."""
        return Delays(self.delay[rows], self.shortest[rows], self.longest[rows])


class DelayCurve(NamedTuple):
    """By which day which share of wins comes.

    Parameters
    ----------
    days : array of shape (n_days,)
        Rising.
    share : array of shape (n_days,)
        Of all wins, those that come by then; the last is 1.
    """

    days: FloatArray
    share: FloatArray

    @staticmethod
    def fit(seen: Delays, steps: int = MOST_STEPS) -> "DelayCurve":
        """Return the curve that makes the seen delays most likely, given what could be seen.

        The estimate of Efron and Petrosian (1999) for doubly truncated data, by their
        self-consistent steps: each delay weighs one over the chance to see it. With nothing
        cut off on the left it is that of Lynden-Bell (1971). Like all such estimates it knows
        nothing of delays that no lead could show, and takes delays not to change with time.

        Parameters
        ----------
        seen : Delays
            At least one.
        steps : int
            At most.
        """
        days, wins = np.unique(seen.delay, return_counts=True)
        first = np.searchsorted(days, seen.shortest, side="left")
        after = np.searchsorted(days, seen.longest, side="right")
        chance = wins / wins.sum()
        for _ in range(steps):
            by_then = np.concatenate([[0.0], np.cumsum(chance)])
            # A lead stands for as many wins as its window lets through one of.
            stands_for = 1.0 / np.maximum(by_then[after] - by_then[first], np.finfo(float).tiny)
            change = np.bincount(first, stands_for, len(days) + 1)
            change -= np.bincount(after, stands_for, len(days) + 1)
            new = wins / np.cumsum(change)[:-1]
            new /= new.sum()
            moved, chance = np.abs(new - chance).max(), new
            if moved < TOLERANCE:
                break
        return DelayCurve(days, np.cumsum(chance))

    def day_of(self, share: float) -> float:
        """Return the day by which a share of all wins has come."""
        return float(self.days[min(self._place(share), len(self.days) - 1)])

    def by(self, day: FloatArray | float, *, before: bool = False) -> FloatArray:
        """Return the share of wins that come by a day, or before it."""
        place = np.searchsorted(self.days, day, side="left" if before else "right")
        found: FloatArray = np.concatenate([[0.0], self.share])[place]
        return found

    def _place(self, share: float) -> int:
        return int(np.searchsorted(self.share, share - ROUNDING))


def naive_day_of(seen: Delays, share: float) -> float:
    """Return the day by which a share of the wins that are seen had come."""
    return float(np.quantile(seen.delay, share, method="lower"))


def propose_horizon(seen: Delays, span_days: float) -> tuple[int, str]:
    """Return the horizon to propose, and why: 80 % of wins, at most a quarter of the span."""
    most = max(int(span_days // 4), 1)
    at_most = f"a quarter of the data's {span_days:.0f} days"
    if not len(seen.delay):
        return (DEFAULT_DAYS, "the default") if most >= DEFAULT_DAYS else (most, at_most)
    days = int(max(np.ceil(DelayCurve.fit(seen).day_of(SHARE)), 1))
    why = (
        f"80 % of wins come within {days} days, estimated from {len(seen.delay)} wins; of those "
        f"seen so far within {np.ceil(naive_day_of(seen, SHARE)):.0f}"
    )
    return (days, why) if days <= most else (most, f"{at_most}; {why}")


def delay_report(
    export: Export, horizon_days: int | None = None, seed: int = 0
) -> dict[str, Any] | None:
    """Return how long wins take, as seen and corrected; None where dates or wins are missing.

    Parameters
    ----------
    export : Export
    horizon_days : int, optional
        The share of wins within it is told.
    seed : int
        Of the intervals.
    """
    known = (export.outcome == WON) & (export.created_at != NEVER)
    known &= (export.outcome_at != NEVER) & (export.outcome_at >= export.created_at)
    if export.data_end == NEVER or not known.any():
        return None
    created, won_at = export.created_at[known], export.outcome_at[known]
    seen = Delays.of(created, won_at, export.data_end)
    curve = DelayCurve.fit(seen)
    since = export.created_at[export.created_at != NEVER].min()
    report: dict[str, Any] = {
        "wins": len(seen.delay),
        "leads_from": _iso(int(since)),
        "wins_from": _iso(int(won_at.min())),
        "data_end": _iso(export.data_end),
        "days_without_wins": _rounded((int(won_at.min()) - int(since)) / DAY),
        **unseen(seen, curve),
        "by_share": _by_share(seen, curve, seed),
    }
    if horizon_days is not None:
        report["within_horizon"] = {
            "seen": float((seen.delay <= horizon_days).mean()),
            "corrected": float(curve.by(horizon_days)),
        }
    return report


def unseen(seen: Delays, curve: DelayCurve) -> dict[str, float]:
    """Return how many wins the data are estimated not to show, before and after them."""
    before, by_end = curve.by(seen.shortest, before=True), curve.by(seen.longest)
    through = by_end - before
    return {
        "wins_before_recording": _rounded(float((before / through).sum())),
        "wins_still_to_come": _rounded(float(((1.0 - by_end) / through).sum())),
    }


def _by_share(seen: Delays, curve: DelayCurve, seed: int) -> list[dict[str, Any]]:
    drawn = [[one.day_of(share) for share in SHARES] for one in _drawn(seen, seed)]
    intervals = np.quantile(drawn, [0.025, 0.975], axis=0).T.tolist() if drawn else None
    return [
        {
            "share": share,
            "seen_days": _rounded(naive_day_of(seen, share)),
            "corrected_days": _rounded(curve.day_of(share)),
            "interval": None if intervals is None else [_rounded(day) for day in intervals[i]],
        }
        for i, share in enumerate(SHARES)
    ]


def _drawn(seen: Delays, seed: int) -> list[DelayCurve]:
    """Return the curves of wins drawn again and again; none where there are very many."""
    n = len(seen.delay)
    if n > MOST_DRAWN:
        return []
    generator = np.random.default_rng(seed)
    draws = (generator.integers(0, n, n) for _ in range(DRAWS))
    return [DelayCurve.fit(seen.take(rows), DRAW_STEPS) for rows in draws]


def _rounded(value: float) -> float:
    return round(float(value), 2)


def _iso(moment: int) -> str | None:
    at = to_datetime(moment)
    return None if at is None else at.isoformat()
