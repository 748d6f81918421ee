"""The search for LightGBM's settings: bounded by trials, never by time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from training.calibrate import Seen
from training.config import Boosting, TrainingConfig
from training.learners.trees import TreeLearner
from training.sizes import choose_size
from training.statistics import kinds_to_try
from training.table import Table

if TYPE_CHECKING:
    import optuna

AT_ONCE = 2
"""Trials that run side by side; part of what determines the result."""
HALF_LIVES: dict[str, float | None] = {"none": None, "half": 0.5, "fifth": 0.2}
"""Shares of the data's span by the name that the search knows them by."""


def search(
    learned: Sequence[Table], judged: Sequence[Table], config: TrainingConfig
) -> tuple[Boosting, list[dict[str, Any]]]:
    """Return the settings with the least log loss over all origins, and all that were tried.

    Parameters
    ----------
    learned, judged : sequence of Table
        Rows to learn from and to judge on, of each origin.
    config : TrainingConfig
        Its `boosting` is tried first, then with target statistics, then what the tree of
        Parzen estimators proposes (Bergstra et al., Algorithms for hyper-parameter
        optimization, 2011).
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    choosing = config.choosing
    rows = [_drawn(table, choosing.search_rows, config.seed) for table in learned]
    asked = [_drawn(table, choosing.search_rows, config.seed) for table in judged]
    kinds = list(kinds_to_try(learned[0]))
    sampler = optuna.samplers.TPESampler(seed=config.seed, n_startup_trials=8)
    study = optuna.create_study(sampler=sampler)
    for kind in kinds:
        study.enqueue_trial(_usual(config.boosting, kind))

    def loss(boosting: Boosting) -> float:
        quick = replace(boosting, learning_rate=choosing.search_rate)
        learner = TreeLearner(replace(config, boosting=quick, threads=1))
        growing = [learner.start(a, b) for a, b in zip(rows, asked, strict=True)]
        _, losses = choose_size(learner.sizes, growing, Seen.of(asked), config.calibrating)
        return min(losses.values())

    tried: list[tuple[Boosting, float]] = []
    numbers = iter(range(choosing.trials))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while together := list(islice(numbers, AT_ONCE)):
            trials = [study.ask() for _ in together]
            settings = [_proposed(trial, config.boosting, kinds) for trial in trials]
            for trial, boosting, value in zip(
                trials, settings, pool.map(loss, settings), strict=True
            ):
                study.tell(trial, value)
                tried.append((boosting, value))
    best = min(tried, key=lambda pair: pair[1])[0]
    return best, [_told(boosting, value) for boosting, value in tried]


def _drawn(table: Table, most: int, seed: int) -> Table:
    if table.n_rows <= most:
        return table
    rows = np.random.default_rng(seed).choice(table.n_rows, most, replace=False)
    return table.take(np.sort(rows))


def _usual(boosting: Boosting, kind: str) -> dict[str, Any]:
    return {
        "leaves": boosting.leaves,
        "rows_in_leaf_factor": boosting.rows_in_leaf_factor,
        "feature_share": boosting.feature_share,
        "l2": boosting.l2,
        "statistics": kind,
        "half_life": "none",
    }


def _proposed(trial: "optuna.Trial", boosting: Boosting, kinds: Sequence[Any]) -> Boosting:
    return replace(
        boosting,
        leaves=trial.suggest_int("leaves", 3, 31, log=True),
        rows_in_leaf_factor=trial.suggest_float("rows_in_leaf_factor", 0.3, 3.0, log=True),
        feature_share=trial.suggest_float("feature_share", 0.15, 0.9),
        l2=trial.suggest_float("l2", 1.0, 100.0, log=True),
        statistics=trial.suggest_categorical("statistics", kinds),
        half_life=HALF_LIVES[str(trial.suggest_categorical("half_life", tuple(HALF_LIVES)))],
    )


def _told(boosting: Boosting, loss: float) -> dict[str, Any]:
    names = ("leaves", "rows_in_leaf_factor", "feature_share", "l2", "statistics", "half_life")
    return {**{name: getattr(boosting, name) for name in names}, "log_loss": loss}
