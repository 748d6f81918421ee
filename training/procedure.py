"""From rows to a calibrated model: size by rolling origins, calibration, refit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray
from models.score.calibration import Calibration
from models.score.points import probability_of
from models.score.segments import Segments
from training.calibrate import NO_CHANGE, Seen, fit_calibration
from training.choice import Choice
from training.config import Calibrating
from training.learners.learner import Fitted, Learner
from training.offsets import Offsets
from training.sizes import choose_size
from training.split import Origin
from training.table import Table

UNTRIED = 9
"""Place of the size that is taken where no origin can choose one."""


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
    choice : Choice or None
        What was chosen, where several candidates were tried.
    candidates : tuple of dict
        The figures of all.
    trials : tuple of dict
        Settings of the trees that the search tried, and their figures.
    offsets : Offsets or None
        What was found about channels; in the calibration only where it helped.
    segments : Segments or None
        Offsets of segments, empty where they did not help; None without segments.
    segment_offsets : Offsets or None
        What was found about segments.
    """

    size: int
    calibration: Calibration
    fitted: Fitted
    out_of_time: OutOfTime
    losses: dict[int, float] = field(default_factory=dict)
    choice: Choice | None = None
    candidates: tuple[dict[str, Any], ...] = ()
    offsets: Offsets | None = None
    segments: Segments | None = None
    segment_offsets: Offsets | None = None
    trials: tuple[dict[str, Any], ...] = ()

    def margin(self, table: Table) -> FloatArray:
        """Return calibrated log-odds."""
        return self.calibrated(self.fitted.margin(table), table)

    def calibrated(self, margin: FloatArray, table: Table) -> FloatArray:
        """Return calibrated log-odds of rows from their margins."""
        z = self.calibration.apply(margin, table.named_channel())
        if self.segments is None or table.segment is None:
            return z
        return z + self.segments.offset(table.segment.column)

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
    seen = Seen.of(judged, together=any(np.isnan(origin.at) for origin in origins))
    size, losses, _ = choose_size(learner.sizes, growing, seen, config)
    margin = np.concatenate([one.margin_at(size) for one in growing])
    calibration = fit_calibration(margin, seen, config)
    out_of_time = OutOfTime(np.concatenate([origin.judge for origin in origins]), margin)
    return Procedure(size, calibration, learner.fit(table.take(train), size), out_of_time, losses)
