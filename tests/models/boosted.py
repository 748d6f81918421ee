"""Small boosted trees on random data, for tests of what reads them."""

from typing import Any, NamedTuple

import lightgbm
import numpy as np

from features.arrays import FloatArray


class Boosted(NamedTuple):
    """A model and rows for it."""

    booster: lightgbm.Booster
    X: FloatArray

    @property
    def text(self) -> str:
        return str(self.booster.model_to_string())

    def margin(self) -> FloatArray:
        return np.asarray(self.booster.predict(self.X, raw_score=True))

    def contributions(self) -> FloatArray:
        """Return LightGBM's own, the expected margin in the last column."""
        return np.asarray(self.booster.predict(self.X, pred_contrib=True))


def boosted(seed: int, *, n_trees: int = 20, n_features: int = 8, **parameters: Any) -> Boosted:
    """Return trees on numbers, counts and flags, half of them with gaps and with zeros."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1500, n_features))
    X[:, ::3] = np.round(X[:, ::3])
    X[:, 1::4] = X[:, 1::4] > 0.5
    gaps = rng.random(X.shape) < 0.2
    gaps[:, n_features // 2 :] = False
    X[gaps] = np.nan
    y = np.nansum(X[:, :4], axis=1) + np.isnan(X[:, 0]) + rng.normal(size=len(X)) > 1.0
    settings = {
        "objective": "binary",
        "num_leaves": 15,
        "max_depth": 6,
        "min_data_in_leaf": 5,
        "verbosity": -1,
        "num_threads": 1,
        "seed": seed,
    }
    booster = lightgbm.train(settings | parameters, lightgbm.Dataset(X, y), n_trees)
    return Boosted(booster, _unseen(rng, X))


def _unseen(rng: np.random.Generator, X: FloatArray) -> FloatArray:
    """Return training rows, and rows with gaps, zeros and extremes that training never saw."""
    strange = X[:400].copy()
    for value in (np.nan, 0.0, -0.0, 1e-36, 1e30, -np.inf, np.inf):
        strange[rng.random(strange.shape) < 0.1] = value
    return np.vstack([X[:200], strange])
