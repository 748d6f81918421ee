"""What a line at each probability would mean."""

import numpy as np
import pandas as pd

from models.explain.evidence import wilson_interval
from models.preview.outlook import Outlook
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


def label_table(outlook: Outlook) -> pd.DataFrame:
    """Return what an agreement makes of leads.

    Parameters
    ----------
    outlook : Outlook
        From a preview.

    Returns
    -------
    DataFrame
        A row per label: `leads` that get it, `per_week` (None without dates), `won` (share) with
        `low` and `high` (80 %), `recall` (share of all wins), `expected_wins`,
        `attempts_per_week` that the service level asks for.
    """
    rows = []
    for one in outlook.labels:
        share = (None,) * 3 if one.won is None else (one.won.share, one.won.low, one.won.high)
        rows.append(
            (
                *(one.label, one.leads, one.per_week, *share, one.recall),
                *(one.expected_wins, one.attempts_per_week),
            )
        )
    names = ["label", "leads", "per_week", "won", "low", "high", "recall"]
    return pd.DataFrame(rows, columns=[*names, "expected_wins", "attempts_per_week"])
