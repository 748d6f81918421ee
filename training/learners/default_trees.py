"""LightGBM as it comes, with nothing chosen."""

from dataclasses import dataclass

import lightgbm

from features.statistics import TargetStatistics
from training.learners.learner import ONE_SIZE, Settled
from training.learners.sequence import dataset_rows
from training.learners.trees import LEAST_CELLS_TO_SHARE, GrownTrees
from training.table import Table

TREES = 100


@dataclass(frozen=True, slots=True)
class DefaultTreeLearner:
    """100 trees of 31 leaves, learning rate 0.1, and LightGBM's other defaults.

    Parameters
    ----------
    seed : int
    threads : int
        0 for all; the result is the same with any number.
    """

    seed: int
    threads: int
    name: str = "lightgbm_default"
    sizes: tuple[int, ...] = ONE_SIZE

    def start(self, table: Table, judged: Table) -> Settled:
        """Return the fit."""
        return Settled(self.fit(table, 0), judged)

    def fit(self, table: Table, size: int) -> GrownTrees:
        """Return the trees."""
        del size
        threads = self.threads
        if threads == 0 and table.n_cells < LEAST_CELLS_TO_SHARE:
            threads = 1
        params = {
            "objective": "binary",
            "verbosity": -1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads,
        }
        rows = dataset_rows(table.matrix)
        data = lightgbm.Dataset(rows, table.target, weight=table.weight, params=params)
        booster = lightgbm.train(params, data, num_boost_round=TREES)
        return GrownTrees(booster, threads, TargetStatistics())
