"""How trees are grown by LightGBM, one size after the other."""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from features.arrays import FloatArray
from training.config import TrainingConfig
from training.evaluate.metrics import log_odds
from training.table import Table

LEAST_CELLS_TO_SHARE = 20_000_000
"""A table with fewer numbers is fitted by one thread; the result is the same."""


@dataclass(frozen=True, slots=True)
class GrownTrees:
    """A LightGBM model.

    Parameters
    ----------
    booster : lightgbm.Booster
    threads : int
        To predict with.
    """

    booster: lightgbm.Booster
    threads: int

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""
        return raw_scores(self.booster, table, self.threads)

    @property
    def text(self) -> str:
        """The model in LightGBM's text format, without the parameters of its fit."""
        text: str = self.booster.model_to_string(num_iteration=-1)
        before, _, _ = text.partition("\nparameters:")
        return before + "\n"


def raw_scores(
    booster: lightgbm.Booster, table: Table, threads: int, trees: int | None = None
) -> FloatArray:
    """Return the rows' log-odds by the first trees, all by default."""
    found = booster.predict(table.X, raw_score=True, num_iteration=trees, num_threads=threads)
    return np.asarray(found, dtype=np.float64)


class GrowingTrees:
    """A LightGBM model that grows, and keeps the log-odds of the judged rows up to date."""

    def __init__(
        self,
        booster: lightgbm.Booster,
        data: lightgbm.Dataset,
        judged: Table,
        learner: "TreeLearner",
    ) -> None:
        self._booster = booster
        self._judged = judged
        self._every = learner.config.boosting.every
        self._threads = learner.threads(judged)
        params = {"num_threads": learner.threads(judged), "verbosity": -1}
        booster.add_valid(data.create_valid(judged.X, judged.target, params=params), "judged")
        self.grow()

    def grow(self) -> None:
        """Add some trees."""
        for _ in range(self._every):
            self._booster.update()

    def margin(self) -> FloatArray:
        """Return the judged rows' log-odds at the present size."""
        seen: list[FloatArray] = []

        def keep(probability: FloatArray, _: lightgbm.Dataset) -> tuple[str, float, bool]:
            seen.append(probability)
            return "", 0.0, False

        self._booster.eval_valid(feval=keep)  # what it has kept while growing; costs no prediction
        return log_odds(seen[0])

    def margin_at(self, size: int) -> FloatArray:
        """Return the judged rows' log-odds at a size that was reached."""
        return raw_scores(self._booster, self._judged, self._threads, size)


@dataclass(frozen=True, slots=True)
class TreeLearner:
    """LightGBM on numbers only.

    Parameters
    ----------
    config : TrainingConfig
        Its seed, threads and `boosting`.
    """

    config: TrainingConfig
    name: str = "lightgbm"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of trees to choose from."""
        boosting = self.config.boosting
        return tuple(range(boosting.every, boosting.most_trees + 1, boosting.every))

    def start(self, table: Table, judged: Table) -> GrowingTrees:
        """Return a model with the first number of trees."""
        booster, data = self._booster(table)
        return GrowingTrees(booster, data, judged, self)

    def fit(self, table: Table, size: int) -> GrownTrees:
        """Return a model of so many trees."""
        booster, _ = self._booster(table)
        for _ in range(size):
            booster.update()
        return GrownTrees(booster, self.threads(table))

    def threads(self, table: Table) -> int:
        """Return the threads for a table: where it is small, others would only wait."""
        if self.config.threads == 0 and table.X.size < LEAST_CELLS_TO_SHARE:
            return 1
        return self.config.threads

    def _booster(self, table: Table) -> tuple[lightgbm.Booster, lightgbm.Dataset]:
        params = self.params(table)
        data = lightgbm.Dataset(table.X, table.target, weight=table.weight, params=params)
        return lightgbm.Booster(params, data), data

    def params(self, table: Table) -> dict[str, Any]:
        """Return LightGBM's parameters for so many rows."""
        boosting = self.config.boosting
        return {
            "objective": "binary",
            "metric": "none",
            "verbosity": -1,
            "learning_rate": boosting.learning_rate,
            "num_leaves": boosting.leaves,
            "max_depth": boosting.depth,
            "min_data_in_leaf": boosting.rows_in_leaf or rows_in_leaf(table),
            "feature_fraction": boosting.feature_share,
            "bagging_fraction": boosting.row_share,
            "bagging_freq": 1,
            "lambda_l2": boosting.l2,
            "seed": self.config.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.threads(table),
        }


def rows_in_leaf(table: Table) -> int:
    """Return the least rows in a leaf: half the root of the leads, more for more snapshots.

    Snapshots of a lead nearly repeat each other, hence the power above 1; found on simulated
    and real exports of 9,000 to 50,000 leads.
    """
    leads = max(1, int(table.at_creation.sum()))
    return max(10, round(0.5 * leads**0.5 * (table.n_rows / leads) ** 1.5))
