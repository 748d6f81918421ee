"""Whether probabilities came true, from predictions by models that did not know the leads."""

from typing import Any

import numpy as np
import pandas as pd

from features.moment import NEVER
from models.explain.evidence import wilson_interval
from training.analysis.loaded import LoadedModel

UNKNOWN = "not known"


def predicted_table(model: LoadedModel) -> pd.DataFrame:
    """Return a row per reference lead as of its creation.

    Returns
    -------
    DataFrame
        `channel`, `created_at`, `probability` (out of time), `won`, `weight` (leads that it
        stands for), `value`, `slice` (1 predicted before the test, 2 the test).
    """
    seen = model.reference
    at = seen.leads.created_at
    created = pd.Series(pd.to_datetime(np.where(at == NEVER, 0, at), unit="us", utc=True))
    return pd.DataFrame(
        {
            "channel": [UNKNOWN if one is None else str(one) for one in seen.channel],
            "created_at": created.where(at != NEVER),
            "probability": seen.probability,
            "won": seen.won,
            "weight": seen.weight,
            "value": seen.value,
            "slice": seen.slice_of,
        }
    )


def reliability(predicted: pd.DataFrame, *, bins: int = 10) -> pd.DataFrame:
    """Return bins of equal size with what was predicted and what came true.

    Returns
    -------
    DataFrame
        `predicted` (mean), `leads`, `won`, `share` with `low` and `high` (Wilson, 95 %).
    """
    rank = predicted["probability"].rank(method="first")
    place = np.minimum((rank - 1) * bins // len(predicted), bins - 1).astype(int)
    return _told(predicted.groupby(place)).reset_index(drop=True)


def calibration_by(predicted: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return wins beside expected wins by `channel`, or by `month` of creation.

    Returns
    -------
    DataFrame
        As `reliability`, with `expected` wins, `ratio` of wins to them, and its `ratio_low` and
        `ratio_high`.
    """
    if what == "month":
        dated = predicted[predicted["created_at"].notna()]
        month = dated["created_at"].dt.tz_localize(None).dt.to_period("M").dt.start_time
        table = _told(dated.groupby(month.rename("month")))
    else:
        table = _told(predicted.groupby(what))
    expected = table["predicted"] * table["leads"]
    ratios = {"ratio": "share", "ratio_low": "low", "ratio_high": "high"}
    told = {name: table[of] / table["predicted"] for name, of in ratios.items()}
    return table.assign(expected=expected, **told).reset_index()


def stability(before: pd.Series, after: pd.Series, *, bins: int = 10) -> float:
    """Return the population stability index of a number between two groups of leads.

    Read it with the number of leads: of n and m leads without any drift it is about
    (bins - 1) (1/n + 1/m) (Yurdakul, Statistical properties of PSI, 2018).

    Examples
    --------
    >>> same = pd.Series(range(100))
    >>> stability(same, same)
    0.0
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = []
    for group in (before, after):
        counts = np.bincount(np.searchsorted(edges, group), minlength=len(edges) + 1)
        shares.append(np.maximum(counts, 0.5) / len(group))
    was, now = shares
    return float(((now - was) * np.log(now / was)).sum())


def _told(groups: Any) -> pd.DataFrame:
    table = groups.agg(predicted=("probability", "mean"), leads=("won", "size"), won=("won", "sum"))
    low, high = wilson_interval(table["won"].to_numpy(), table["leads"].to_numpy())
    return table.assign(share=table["won"] / table["leads"], low=low, high=high)
