"""The search for LightGBM's settings: bounded by trials, never by time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from features.arrays import FloatArray
from models.score.points import probability_of
from training.calibrate import Seen, fit_calibration
from training.config import Boosting, TrainingConfig
from training.evaluate.metrics import row_log_loss
from training.evaluate.paired import by_origin, paired
from training.learners.trees import Binned, TreeLearner
from training.progress import Tried, unseen
from training.sizes import choose_size
from training.statistics import kinds_to_try
from training.table import Table

if TYPE_CHECKING:
    import optuna

AT_ONCE = 2
"""Trials that run side by side; part of what determines the result."""
TRIED = ("leaves", "rows_in_leaf_factor", "feature_share", "l2", "statistics", "half_life")
"""Settings that the search varies."""
HALF_LIVES: dict[str, float | None] = {"none": None, "half": 0.5, "fifth": 0.2}
"""Shares of the data's span by the name that the search knows them by."""


def search(
    learned: Sequence[Table],
    judged: Sequence[Table],
    config: TrainingConfig,
    tell: Tried = unseen,
) -> tuple[Boosting, list[dict[str, Any]]]:
    """Return the settings with the least log loss over all origins, and figures of all.

    Parameters
    ----------
    learned, judged : sequence of Table
        Rows to learn from and to judge on, of each origin.
    config : TrainingConfig
        Its `boosting` is tried first, then with target statistics, then what the tree of
        Parzen estimators proposes (Bergstra et al., Algorithms for hyper-parameter
        optimization, 2011).
    tell : callable
        Is told of each trial.
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

    judge = _Judge(rows, asked, config)

    tried: list[_Tried] = []
    numbers = iter(range(choosing.trials))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while together := list(islice(numbers, AT_ONCE)):
            trials = [study.ask() for _ in together]
            settings = [_proposed(trial, config.boosting, kinds) for trial in trials]
            judge.prepare(settings)
            for trial, found in zip(trials, pool.map(judge.judge, settings), strict=True):
                study.tell(trial, found.log_loss)
                tried.append(found)
                tell()
    best = min(tried, key=lambda one: one.log_loss)
    return best.boosting, [judge.told(one, best) for one in tried]


@dataclass(frozen=True, slots=True)
class _Tried:
    """Settings, their best number of trees, and what these lose on all rows and on each."""

    boosting: Boosting
    trees: int
    log_loss: float
    loss: FloatArray


class _Judge:
    """Judges settings; what they have in common is prepared once."""

    def __init__(self, rows: Sequence[Table], asked: Sequence[Table], config: TrainingConfig):
        self._rows, self._asked, self._config = rows, asked, config
        self._seen = Seen.of(asked)
        self._group = np.concatenate([rows.group for rows in asked])
        self._binned: dict[tuple[str, float | None], list[Binned]] = {}

    def prepare(self, settings: Sequence[Boosting]) -> None:
        """Prepare the rows for settings, before several are judged side by side."""
        for boosting in settings:
            if _kept(boosting) not in self._binned:
                learner = self._learner(boosting)
                self._binned[_kept(boosting)] = [learner.see(table) for table in self._rows]

    def judge(self, boosting: Boosting) -> _Tried:
        """Return what settings lose over all origins at the best number of trees."""
        learner = self._learner(boosting)
        growing = [
            learner.start_from(binned, rows, asked)
            for binned, rows, asked in zip(
                self._binned[_kept(boosting)], self._rows, self._asked, strict=True
            )
        ]
        calibrating = self._config.calibrating
        trees, _, margin = choose_size(learner.sizes, growing, self._seen, calibrating)
        calibration = fit_calibration(margin, self._seen, calibrating)
        z = calibration.slope * margin + calibration.intercept
        loss = row_log_loss(probability_of(z), self._seen.target)
        weight = self._seen.weight
        return _Tried(boosting, trees, float((weight * loss).sum() / weight.sum()), loss)

    def told(self, one: _Tried, best: _Tried) -> dict[str, Any]:
        """Return the settings and figures of a trial for a report."""
        difference, error = paired(one.loss - best.loss, self._seen.weight, self._group)
        return {
            **{name: getattr(one.boosting, name) for name in TRIED},
            "trees": one.trees,
            "log_loss": one.log_loss,
            "by_origin": by_origin(one.loss, self._seen),
            "difference": difference,
            "standard_error": error,
            "chosen": one is best,
        }

    def _learner(self, boosting: Boosting) -> TreeLearner:
        rate, every = self._config.choosing.search_rate, 2 * boosting.every
        quick = replace(boosting, learning_rate=rate, every=every)
        return TreeLearner(replace(self._config, boosting=quick, threads=1))


def _kept(boosting: Boosting) -> tuple[str, float | None]:
    return boosting.statistics, boosting.half_life


def _drawn(table: Table, most: int, seed: int) -> Table:
    if table.n_rows <= most:
        return table.held()
    rows = np.random.default_rng(seed).choice(table.n_rows, most, replace=False)
    return table.take(np.sort(rows)).held()


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
