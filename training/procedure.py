"""From rows to a calibrated model: size by rolling origins, calibration, refit."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from features.arrays import FloatArray, IntArray
from models.score.calibration import Calibration
from models.score.points import probability_of
from training.calibrate import NO_CHANGE, Seen, fit_calibration
from training.config import Calibrating
from training.evaluate.metrics import row_log_loss
from training.learners.learner import Fitted, Growing, Learner
from training.split import Origin
from training.table import Table

PATIENCE = 60
"""Trees without a better log loss, after which no larger size is tried."""
UNTRIED = 9
"""Place of the size that is taken where no origin can choose one."""
MOST_CHOICE_ROWS = 200_000
"""A size is chosen on at most so many rows, evenly taken."""


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """Predictions by models that could not know what they predict.

    Parameters
    ----------
    rows : array of shape (n_rows,)
        Rows of the table, each at most once.
    margin : array of shape (n_rows,)
        Before calibration.
    """

    rows: IntArray
    margin: FloatArray


@dataclass(frozen=True, slots=True)
class Procedure:
    """What the procedure gave.

    Parameters
    ----------
    size : int
        Chosen size.
    calibration : Calibration
        From the out-of-time predictions.
    fitted : Fitted
        Refitted on all rows allowed.
    out_of_time : OutOfTime
        Pooled over the origins.
    losses : mapping of int to float
        Log loss by size, out of time and calibrated.
    """

    size: int
    calibration: Calibration
    fitted: Fitted
    out_of_time: OutOfTime
    losses: dict[int, float] = field(default_factory=dict)

    def margin(self, table: Table) -> FloatArray:
        """Return calibrated log-odds."""
        return self.calibration.apply(self.fitted.margin(table), table.channel)

    def probability(self, table: Table) -> FloatArray:
        """Return probabilities."""
        return probability_of(self.margin(table))


def run_procedure(
    learner: Learner,
    table: Table,
    train: IntArray,
    origins: Sequence[Origin],
    config: Calibrating,
) -> Procedure:
    """Return what a learner makes of rows.

    Parameters
    ----------
    table : Table
        All rows.
    train : array
        Rows of the table that may be learned from.
    origins : sequence of Origin
        Inside `train`; without any, the size is a middling one and nothing is calibrated.
    config : Calibrating
        Of the calibration.
    """
    if not origins:
        size = learner.sizes[min(UNTRIED, len(learner.sizes) - 1)]
        nothing = OutOfTime(np.zeros(0, dtype=np.int64), np.zeros(0))
        return Procedure(size, NO_CHANGE, learner.fit(table.take(train), size), nothing)
    judged = [table.take(origin.judge) for origin in origins]
    growing = [
        learner.start(table.take(origin.train), rows)
        for origin, rows in zip(origins, judged, strict=True)
    ]
    seen = Seen(
        target=np.concatenate([rows.target for rows in judged]),
        weight=np.concatenate([rows.weight for rows in judged]),
        origin=np.repeat(np.arange(len(judged)), [rows.n_rows for rows in judged]),
    )
    size, losses = choose_size(learner.sizes, growing, seen, config)
    margin = np.concatenate([one.margin_at(size) for one in growing])
    calibration = fit_calibration(margin, seen, config)
    out_of_time = OutOfTime(np.concatenate([origin.judge for origin in origins]), margin)
    return Procedure(size, calibration, learner.fit(table.take(train), size), out_of_time, losses)


def choose_size(
    sizes: Sequence[int],
    growing: Sequence[Growing],
    seen: Seen,
    config: Calibrating,
) -> tuple[int, dict[int, float]]:
    """Return the size with the least log loss over all origins, and the losses.

    All origins grow together, and stop when no larger size has helped for a while.
    """
    if len(sizes) == 1:
        return sizes[0], {}
    choice = _Choice(seen, config)
    losses: dict[int, float] = {}
    best = sizes[0]
    for i, size in enumerate(sizes):
        if i:
            _grow(growing)
        losses[size] = choice.loss(np.concatenate([one.margin() for one in growing]))
        best = min(losses, key=lambda tried: losses[tried])
        if size - best >= PATIENCE:
            break
    return best, losses


def _grow(growing: Sequence[Growing]) -> None:
    for one in growing:
        one.grow()


class _Choice:
    """Log loss of margins once they are calibrated as they will be."""

    def __init__(self, seen: Seen, config: Calibrating) -> None:
        self._rows = slice(None, None, max(1, -(-len(seen.target) // MOST_CHOICE_ROWS)))
        rows = self._rows
        self._seen = Seen(seen.target[rows], seen.weight[rows], seen.origin[rows])
        self._config = config
        self._last = NO_CHANGE

    def loss(self, margin: FloatArray) -> float:
        margin = margin[self._rows]
        seen = self._seen
        self._last = fit_calibration(margin, seen, self._config, start=self._last, steps=6)
        z = self._last.slope * margin + self._last.intercept
        loss = row_log_loss(probability_of(z), seen.target)
        return float((seen.weight * loss).sum() / seen.weight.sum())
