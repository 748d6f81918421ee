"""How the features of the training leads are distributed, to notice drift."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from features.arrays import FloatArray

BINS = 10


def build_histograms(
    columns: Iterable[FloatArray], names: Sequence[str], channels: Mapping[str, int]
) -> dict[str, Any]:
    """Return each feature's share of missing rows and its counts in bins of equal mass.

    Parameters
    ----------
    columns : iterable of arrays of shape (n_rows,)
        The features one by one; NaN where missing.
    names : sequence of str
        Names of the features.
    channels : mapping of str to int
        Rows by channel.

    Examples
    --------
    >>> found = build_histograms([np.array([1.0, 2.0, np.nan, 2.0])], ["size"], {"web": 4})
    >>> found["features"]["size"]["missing_share"], found["features"]["size"]["counts"]
    (0.25, [1, 2])
    """
    features, n_rows = {}, 0
    for name, values in zip(names, columns, strict=True):
        features[name], n_rows = _histogram(values), len(values)
    return {"n_rows": n_rows, "features": features, "channels": dict(channels)}


def _histogram(values: FloatArray) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    edges = (
        np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="lower"))
        if len(known)
        else known
    )
    if len(edges) and len(known) and edges[0] == known.min():
        edges = edges[1:]
    counts = np.bincount(np.searchsorted(edges, known, side="right"), minlength=len(edges) + 1)
    return {
        "missing_share": (len(values) - len(known)) / max(len(values), 1),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
    }
