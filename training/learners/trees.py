"""How trees are grown by LightGBM, one size after the other."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import lightgbm
import numpy as np

from features.arrays import FloatArray
from features.statistics import TargetStatistics
from training.config import TrainingConfig
from training.evaluate.metrics import log_odds
from training.learners.lost import Fewer, fewer_lost, shifted
from training.learners.sequence import dataset_rows
from training.learners.shape import directions
from training.learners.weights import fading
from training.scratch import Rows, each_of
from training.statistics import Extended, StatisticsFitter, in_place
from training.table import Table

PRIVATE = {"verbosity": -1, "feature_pre_filter": False}
"""Of every data set, so that fits with other settings can share it."""
HALF = 0.5
"""With fewer of the features for a tree LightGBM is quicker by columns than by rows."""
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
    statistics : TargetStatistics
        Columns that it sees besides the features.
    """

    booster: lightgbm.Booster
    threads: int
    statistics: TargetStatistics

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""
        rows = Extended(table.matrix, (self.statistics,))
        return raw_scores(self.booster, rows, self.threads)

    @property
    def text(self) -> str:
        """The model in LightGBM's text format, without the parameters of its fit."""
        text: str = self.booster.model_to_string(num_iteration=-1)
        before, _, _ = text.partition("\nparameters:")
        return before + "\n"


def raw_scores(
    booster: lightgbm.Booster, X: Rows, threads: int, trees: int | None = None
) -> FloatArray:
    """Return the rows' log-odds by the first trees, all by default."""

    def scores(block: FloatArray) -> FloatArray:
        found = booster.predict(block, raw_score=True, num_iteration=trees, num_threads=threads)
        return np.asarray(found, dtype=np.float64)

    return each_of(X, scores)


class GrowingTrees:
    """A LightGBM model that grows, and keeps the log-odds of the judged rows up to date."""

    def __init__(self, start: "Start", judged: Table, every: int) -> None:
        self._booster = start.booster
        self._judged = in_place(Extended(judged.matrix, (start.seen.statistics,)))
        self._every = every
        self._threads = start.threads
        self._shift = start.shift
        params = {**PRIVATE, "num_threads": start.threads}
        rows = dataset_rows(self._judged)
        valid = start.seen.data.create_valid(rows, judged.target, params=params)
        self._booster.add_valid(valid, "judged")
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
        return log_odds(seen[0]) + self._shift

    def margin_at(self, size: int) -> FloatArray:
        """Return the judged rows' log-odds at a size that was reached."""
        return raw_scores(self._booster, self._judged, self._threads, size) + self._shift


class Binned(NamedTuple):
    """Rows as LightGBM sees them, and the statistics among their columns."""

    data: lightgbm.Dataset
    statistics: TargetStatistics


class Start(NamedTuple):
    """A LightGBM model without trees, and what is to be added to its log-odds."""

    booster: lightgbm.Booster
    seen: Binned
    threads: int
    shift: float


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
        return self.start_from(self.see(table), table, judged)

    def start_from(self, seen: "Binned", table: Table, judged: Table) -> GrowingTrees:
        """Return the same from rows that `see` has prepared, perhaps for other settings."""
        return GrowingTrees(self._start(table, seen), judged, self.config.boosting.every)

    def see(self, table: Table) -> "Binned":
        """Return rows as LightGBM sees them: only statistics and weights depend on settings."""
        boosting = self.config.boosting
        table = self._fewer(table).table
        fitter = StatisticsFitter(boosting.statistics, seed=self.config.seed)
        statistics, X = fitter.cross_fit(table)
        weight = fading(table, boosting.half_life)
        params = {**PRIVATE, "num_threads": self.threads(table)}
        data = lightgbm.Dataset(dataset_rows(X), table.target, weight=weight, params=params)
        return Binned(data.construct(), statistics)

    def fit(self, table: Table, size: int) -> GrownTrees:
        """Return a model of so many trees."""
        start = self._start(table, self.see(table))
        for _ in range(size):
            start.booster.update()
        shifted(start.booster, start.shift)
        return GrownTrees(start.booster, start.threads, start.seen.statistics)

    def threads(self, table: Table) -> int:
        """Return the threads for a table: where it is small, others would only wait."""
        if self.config.threads == 0 and table.n_cells < LEAST_CELLS_TO_SHARE:
            return 1
        return self.config.threads

    def _start(self, table: Table, seen: "Binned") -> "Start":
        table, shift = self._fewer(table)
        params = self.params(table, seen.statistics)
        return Start(lightgbm.Booster(params, seen.data), seen, self.threads(table), shift)

    def _fewer(self, table: Table) -> Fewer:
        return fewer_lost(table, self.config.boosting.lost_share, self.config.seed)

    def params(self, table: Table, statistics: TargetStatistics) -> dict[str, Any]:
        """Return LightGBM's parameters for so many rows."""
        boosting = self.config.boosting
        return {
            "objective": "cross_entropy" if is_between(table.target) else "binary",
            "metric": "none",
            **PRIVATE,
            "learning_rate": boosting.learning_rate,
            "num_leaves": boosting.leaves,
            "max_depth": boosting.depth,
            "min_data_in_leaf": boosting.rows_in_leaf or self._rows_in_leaf(table),
            "feature_fraction": boosting.feature_share,
            "bagging_fraction": boosting.row_share,
            "bagging_freq": 1,
            "lambda_l2": boosting.l2,
            "seed": self.config.seed,
            "deterministic": True,
            "force_row_wise" if boosting.feature_share > HALF else "force_col_wise": True,
            "num_threads": self.threads(table),
            **self._constraints(table, len(statistics.statistics)),
        }

    def _constraints(self, table: Table, n_statistics: int) -> dict[str, Any]:
        signs = directions(table.features, self.config.shape)
        if not any(signs):
            return {}
        return {
            "monotone_constraints": [*signs, *([0] * n_statistics)],
            "monotone_constraints_method": "intermediate",
        }

    def _rows_in_leaf(self, table: Table) -> int:
        return max(5, round(self.config.boosting.rows_in_leaf_factor * rows_in_leaf(table)))


def is_between(target: FloatArray) -> bool:
    """Return whether some targets are neither 0 nor 1."""
    return bool(((target > 0.0) & (target < 1.0)).any())


def rows_in_leaf(table: Table) -> int:
    """Return the least rows in a leaf: half the root of the leads, more for more snapshots.

    Snapshots of a lead nearly repeat each other, hence the power above 1; found on simulated
    and real exports of 9,000 to 50,000 leads.
    """
    leads = max(1, int(table.at_creation.sum()))
    return max(10, round(0.5 * leads**0.5 * (table.n_rows / leads) ** 1.5))
