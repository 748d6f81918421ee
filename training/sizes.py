"""The size of a fit, such as its number of trees, by the loss over all origins."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray
from models.score.points import probability_of
from training.calibrate import NO_CHANGE, Seen, fit_calibration
from training.config import Calibrating
from training.evaluate.metrics import row_log_loss
from training.learners.learner import Growing

PATIENCE = 60
"""Trees without a better log loss, after which no larger size is tried."""
MOST_CHOICE_ROWS = 200_000
"""A size is chosen on at most so many rows, evenly taken."""


class Chosen(NamedTuple):
    """A size that was chosen.

    Parameters
    ----------
    size : int
    losses : dict
        Log loss by size; empty where there was nothing to choose.
    margin : array of shape (n_seen,)
        Log-odds of all judged rows at that size, while it grew.
    """

    size: int
    losses: dict[int, float]
    margin: FloatArray


def choose_size(
    sizes: Sequence[int],
    growing: Sequence[Growing],
    seen: Seen,
    config: Calibrating,
) -> Chosen:
    """Return the size with the least log loss over all origins, and the losses.

    All origins grow together, and stop when no larger size has helped for a while.
    """
    best = Chosen(sizes[0], {}, np.concatenate([one.margin() for one in growing]))
    if len(sizes) == 1:
        return best
    loss = CalibratedLoss(seen, config)
    losses = {best.size: loss.mean(best.margin)}
    for size in sizes[1:]:
        for one in growing:
            one.grow()
        margin = np.concatenate([one.margin() for one in growing])
        losses[size] = loss.mean(margin)
        if losses[size] < losses[best.size]:
            best = Chosen(size, {}, margin)
        if size - best.size >= PATIENCE:
            break
    return Chosen(best.size, losses, best.margin)


class CalibratedLoss:
    """Log loss of margins once they are calibrated as they will be."""

    def __init__(self, seen: Seen, config: Calibrating) -> None:
        self._rows = slice(None, None, max(1, -(-len(seen.target) // MOST_CHOICE_ROWS)))
        rows = self._rows
        self._seen = Seen(seen.target[rows], seen.weight[rows], seen.origin[rows])
        self._config = config
        self._last = NO_CHANGE

    def mean(self, margin: FloatArray) -> float:
        """Return the weighted mean; fits of neighbouring sizes start from one another."""
        margin = margin[self._rows]
        seen = self._seen
        self._last = fit_calibration(margin, seen, self._config, start=self._last, steps=6)
        z = self._last.slope * margin + self._last.intercept
        loss = row_log_loss(probability_of(z), seen.target)
        return float((seen.weight * loss).sum() / seen.weight.sum())
