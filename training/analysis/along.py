"""What a line at each probability would mean."""

import numpy as np
import pandas as pd

from models.explain.evidence import wilson_interval
from training.analysis.loaded import LoadedModel


def along_lines(model: LoadedModel, predicted: pd.DataFrame, *, steps: int = 40) -> pd.DataFrame:
    """Return precision, recall and work for lines that take 1/steps, 2/steps ... of the leads.

    Parameters
    ----------
    predicted : DataFrame
        From `predicted_table`; the leads of the test are taken where there are any.

    Returns
    -------
    DataFrame
        `line` (least probability), `taken` (share of the leads), `leads_per_week` and
        `wins_per_week` (None without dates), `precision` with `low` and `high` (Wilson, 95 %),
        `recall`.
    """
    test = predicted[predicted["slice"] == predicted["slice"].max()]
    ranked = test.sort_values("probability", ascending=False, ignore_index=True)
    ends = np.unique(np.ceil(np.arange(1, steps + 1) / steps * len(ranked)).astype(int))
    won = ranked["won"].cumsum().to_numpy()[ends - 1]
    low, high = wilson_interval(won, ends)
    weekly = leads_per_week(model, test)
    taken = ends / len(ranked)
    return pd.DataFrame(
        {
            "line": ranked["probability"].to_numpy()[ends - 1],
            "taken": taken,
            "leads_per_week": None if weekly is None else weekly * taken,
            "precision": won / ends,
            "low": low,
            "high": high,
            "recall": won / max(1, int(ranked["won"].sum())),
            "wins_per_week": None if weekly is None else weekly * taken * won / ends,
        }
    )


def leads_per_week(model: LoadedModel, test: pd.DataFrame) -> float | None:
    """Return how many leads came a week in the time of the test; None without dates."""
    windows = list(model.scorer.bundle.reference.windows.values())
    weeks = windows[-1].weeks if windows else None
    if weeks is None or test["created_at"].isna().all():
        return None
    return windows[-1].leads / weeks
