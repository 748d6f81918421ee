"""From out-of-time margins to a calibration."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from models.score.calibration import Calibration
from training.config import Calibrating
from training.table import Table

NO_CHANGE = Calibration()
CLOSE_ENOUGH = 1e-9


class Seen(NamedTuple):
    """What came of rows that were predicted out of time.

    Parameters
    ----------
    target, weight : arrays of shape (n_rows,)
        1 for won; how much the row counts.
    origin : array of shape (n_rows,)
        Number of the origin that predicted the row, from 0.
    """

    target: FloatArray
    weight: FloatArray
    origin: IntArray

    @staticmethod
    def of(judged: Sequence[Table], *, together: bool = False) -> "Seen":
        """Return what came of the rows that origins judged.

        Parameters
        ----------
        together : bool
            Whether all count as one origin, since no time lies between them.
        """
        number = np.zeros(len(judged), dtype=np.int64) if together else np.arange(len(judged))
        return Seen(
            target=np.concatenate([rows.target for rows in judged]),
            weight=np.concatenate([rows.weight for rows in judged]),
            origin=np.repeat(number, [rows.n_rows for rows in judged]),
        )


def fit_calibration(
    margin: FloatArray,
    seen: Seen,
    config: Calibrating,
    *,
    start: Calibration = NO_CHANGE,
    steps: int = 25,
) -> Calibration:
    """Return the affine calibration of margins that were predicted out of time.

    Logistic regression of the target on the margin (Platt, 1999), with normal priors that
    pull it towards no change. The slope is the one within the origins: where the level of
    all leads moves from one origin to the next, that is no weakness of the ranking. The
    level is that of all origins together.

    Parameters
    ----------
    margin : array of shape (n_rows,)
        Log-odds predicted out of time.
    seen : Seen
        What came of the rows.
    config : Calibrating
        Widths of the priors; that of the intercept is one at the mean margin, so that a
        change of slope alone moves no level.
    start, steps : Calibration, int
        Where Newton's method starts, and how many steps it may take at most.

    Returns
    -------
    Calibration
        Its slope may be negative: then there is no signal.
    """
    centre = float((seen.weight * margin).sum() / seen.weight.sum())
    centred = margin - centre
    level = start.intercept + start.slope * centre
    slope, levels = _lines(centred, seen, config, (start.slope, level, centre), steps)
    pooled = seen._replace(origin=np.zeros(len(margin), dtype=np.int64))
    start_level = float(levels.mean())
    for _ in range(steps):
        step = _level_step(slope * centred + start_level, pooled, config, start_level - centre)
        start_level -= float(step[0])
        if abs(step[0]) < CLOSE_ENOUGH:
            break
    return Calibration(slope, start_level - slope * centre)


def _lines(
    margin: FloatArray,
    seen: Seen,
    config: Calibrating,
    start: tuple[float, float, float],
    steps: int,
) -> tuple[float, FloatArray]:
    """Return one slope for all origins and a level for each, by Newton's method."""
    slope, level, mean = start
    n_origins = int(seen.origin.max()) + 1
    levels = np.full(n_origins, level)
    for _ in range(steps):
        error, curve = _derivatives(slope * margin + levels[seen.origin], seen)
        g_slope = float((error * margin).sum()) + (slope - 1.0) * config.slope_sd**-2
        g_level = np.bincount(seen.origin, weights=error) + (levels - mean) * (
            config.intercept_sd**-2
        )
        h_both = np.bincount(seen.origin, weights=curve * margin)
        h_level = np.bincount(seen.origin, weights=curve) + config.intercept_sd**-2
        h_slope = float((curve * margin * margin).sum()) + config.slope_sd**-2
        rest = h_slope - float((h_both * h_both / h_level).sum())
        step = (g_slope - float((h_both * g_level / h_level).sum())) / rest
        across = (g_level - h_both * step) / h_level
        longest = max(1.0, abs(step), float(np.abs(across).max()))
        slope -= step / longest
        levels = levels - across / longest
        if abs(step) < CLOSE_ENOUGH:
            break
    return slope, levels


def _level_step(z: FloatArray, seen: Seen, config: Calibrating, moved: float) -> FloatArray:
    error, curve = _derivatives(z, seen)
    gradient = np.bincount(seen.origin, weights=error) + moved * config.intercept_sd**-2
    step: FloatArray = gradient / (
        np.bincount(seen.origin, weights=curve) + config.intercept_sd**-2
    )
    return step


def _derivatives(z: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
    p = 1.0 / (1.0 + np.exp(-np.clip(z, -500.0, 500.0)))
    return seen.weight * (p - seen.target), seen.weight * p * (1.0 - p)
