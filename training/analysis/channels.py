"""What channels bring, from an export."""

import numpy as np
import pandas as pd

from features.arrays import BoolArray
from features.attributes.vocabulary import canonical
from features.moment import DAY, NEVER
from models.explain.evidence import wilson_interval
from training.data.export import Export

UNKNOWN = "not known"


def lead_table(export: Export, horizon_days: int | None = None) -> pd.DataFrame:
    """Return a row per lead and episode.

    Parameters
    ----------
    export : Export
    horizon_days : int, optional
        A win counts within so many days of the creation; default: whenever it came.

    Returns
    -------
    DataFrame
        `channel`, `created_at`, `mature` (whether the horizon has passed), `won` (within it),
        `days` (to the win), `value` (of wins).
    """
    named = [canonical(value) or UNKNOWN for value in export.channel.rows()]
    dated = export.created_at != NEVER
    days = np.where(
        (export.outcome_at != NEVER) & dated, (export.outcome_at - export.created_at) / DAY, np.nan
    )
    won: BoolArray = export.outcome == 1
    mature = np.asarray(export.outcome >= 0)
    if horizon_days is not None:
        won = won & ~(days > horizon_days)
        mature = export.created_at + horizon_days * DAY <= export.data_end
    created = pd.to_datetime(np.where(dated, export.created_at, 0), unit="us", utc=True)
    return pd.DataFrame(
        {
            "channel": named,
            "created_at": created.where(dated),
            "mature": mature,
            "won": won,
            "days": np.where(won, days, np.nan),
            "value": np.where(won, export.value, np.nan),
        }
    )


def channel_table(leads: pd.DataFrame) -> pd.DataFrame:
    """Return what each channel's mature leads came to, the most leads first.

    The shrunk share is the mean of the beta distribution that the channel's wins give, with the
    spread between channels as prior (method of moments), so that ten leads prove little.

    Returns
    -------
    DataFrame
        `channel`, `leads`, `won`, `share` with `low` and `high` (Wilson, 95 %), `shrunk`,
        `median_days` to the win, `mean_value`, `value` in all; NaN where none is known.
    """
    mature = leads[leads["mature"]]
    table = mature.groupby("channel").agg(
        leads=("won", "size"),
        won=("won", "sum"),
        median_days=("days", "median"),
        mean_value=("value", "mean"),
        value=("value", lambda one: one.sum(min_count=1)),
    )
    table = _with_share(table.sort_values("leads", ascending=False).reset_index())
    base = float(mature["won"].mean())
    strength = _strength(table, base)
    table["shrunk"] = (table["won"] + strength * base) / (table["leads"] + strength)
    shown = ["channel", "leads", "won", "share", "low", "high", "shrunk"]
    return table[[*shown, "median_days", "mean_value", "value"]]


def channel_months(leads: pd.DataFrame, *, every: str = "QS") -> pd.DataFrame:
    """Return how channels did over time.

    Parameters
    ----------
    every : str
        `MS` for months, `QS` for quarters.

    Returns
    -------
    DataFrame
        `since`, `channel`, `leads`, `part` (share of the period's leads), `won`, `share` with
        `low` and `high`.
    """
    mature = leads[leads["mature"] & leads["created_at"].notna()]
    period = mature["created_at"].dt.tz_localize(None).dt.to_period(every[0]).dt.start_time
    table = mature.groupby([period.rename("since"), "channel"]).agg(
        leads=("won", "size"), won=("won", "sum")
    )
    table["part"] = table["leads"] / table.groupby("since")["leads"].transform("sum")
    return _with_share(table.reset_index())


def _with_share(table: pd.DataFrame) -> pd.DataFrame:
    won, leads = table["won"].to_numpy(), table["leads"].to_numpy()
    low, high = wilson_interval(won, leads)
    return table.assign(share=won / np.maximum(leads, 1), low=low, high=high)


def _strength(table: pd.DataFrame, base: float) -> float:
    """Return how many leads the base rate is worth, from how far channels are apart."""
    n = table["leads"].to_numpy(dtype=np.float64)
    if len(table) < 2 or not 0.0 < base < 1.0:
        return float(n.sum())
    spread = float(np.average((table["share"] - base) ** 2, weights=n))
    chance = base * (1.0 - base) * len(table) / float(n.sum())
    between = spread - chance
    return float(n.sum()) if between <= 0.0 else max(1.0, base * (1.0 - base) / between - 1.0)
