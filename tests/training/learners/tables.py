"""Rows for learners, made by hand."""

import numpy as np

from features.arrays import FloatArray
from features.column import constant_column
from features.feature import Feature
from training.table import Table


def table_of(
    columns: dict[str, list[float]], target: list[float], day: list[int] | None = None
) -> Table:
    """Return rows of columns by feature name; codes and flags are told by their names."""
    n = len(target)
    X: FloatArray = np.array(list(columns.values()), dtype=np.float64).reshape(len(columns), n).T
    return Table(
        matrix=np.ascontiguousarray(X),
        target=np.array(target),
        weight=np.ones(n),
        opportunity=np.zeros(n),
        channel=constant_column("web", n),
        channel_name=("web",),
        at_creation=np.array(day or [0] * n) == 0,
        group=np.arange(n),
        time=np.arange(n, dtype=np.float64),
        features=tuple(feature_of(name) for name in columns),
    )


def feature_of(name: str) -> Feature:
    """Return the feature that a name speaks of: "about.code" is a code, "about#x" an amount."""
    about, _, what = name.partition(".")
    if name.endswith("#"):
        return Feature(name, name, "fit", "value")
    return Feature(name, about, "fit", "code" if what == "code" else "flag")
