"""Which leads sales were offered, and how likely that was."""

from pathlib import Path

import numpy as np

from features.arrays import FloatArray
from training.agreement.verdicts import judged_leads
from training.data.export import Export
from training.data.table import read_table
from training.sales import numbers, texts


def read_offers(path: Path, export: Export) -> FloatArray | None:
    """Return how likely each row of an export was to be offered to sales; NaN where it was not.

    Parameters
    ----------
    path : Path
        The feedback file; of several verdicts on a lead the first counts.

    Returns
    -------
    array of shape (n_rows,) or None
        None where the file says nothing of it.

    Raises
    ------
    SchemaError
        When a likelihood is none.
    """
    table = read_table(path)
    if "offered" not in table.columns or "propensity" not in table.columns:
        return None
    share = numbers(table, "propensity")
    unlikely = (share <= 0.0) | (share > 1.0)
    if unlikely.any():
        raise table.problem(unlikely, "propensity", "no probabilities", "numbers from 0 to 1")
    likely: dict[tuple[str, int], float] = {}
    for lead, why, one in zip(
        judged_leads(table), texts(table, "offered"), share.tolist(), strict=True
    ):
        if why and np.isfinite(one):
            likely.setdefault(lead, one)
    rows = zip(export.lead_id, export.episode.tolist(), strict=True)
    return np.array([likely.get(row, np.nan) for row in rows], dtype=np.float64)
