"""Intervals of figures, by drawing groups of rows again and again."""

from collections.abc import Iterator

import numpy as np

from features.arrays import FloatArray, IntArray
from training.evaluate.metrics import Predictions, all_metrics

Interval = tuple[float, float]


def draws(group: IntArray, n_draws: int, seed: int) -> Iterator[FloatArray]:
    """Return how often each row counts in each draw; a group's rows are drawn together.

    Parameters
    ----------
    group : array of shape (n_rows,)
        Any labels.
    """
    _, place = np.unique(group, return_inverse=True)
    n_groups = int(place.max(initial=-1)) + 1
    generator = np.random.default_rng(seed)
    for _ in range(n_draws):
        drawn = generator.integers(0, n_groups, n_groups)
        times = np.bincount(drawn, minlength=n_groups).astype(np.float64)
        yield times[place]


def metric_intervals(
    predictions: Predictions,
    group: IntArray,
    figures: dict[str, float],
    *,
    n_draws: int,
    confidence: float,
    seed: int,
) -> dict[str, Interval]:
    """Return an interval for each figure.

    Parameters
    ----------
    predictions : Predictions
        The rows.
    group : array of shape (n_rows,)
        Account of each row, in the order in which the rows were given.
    figures : dict
        The figures of all rows, from `all_metrics`.
    """
    start = (figures["calibration_slope"], figures["calibration_intercept"])
    drawn = [
        all_metrics(predictions, count, line_start=start, line_steps=4)
        for count in draws(group, n_draws, seed)
    ]
    return {
        name: interval(np.array([one[name] for one in drawn]), confidence)
        for name in figures
        if name != "n"
    }


def mean_interval(
    value: FloatArray, group: IntArray, *, n_draws: int, confidence: float, seed: int
) -> Interval:
    """Return the interval of a mean, such as of paired differences in log loss."""
    means = [float((w * value).sum() / w.sum()) for w in draws(group, n_draws, seed)]
    return interval(np.array(means), confidence)


def interval(drawn: FloatArray, confidence: float) -> Interval:
    """Return the percentile interval of what was drawn; NaN where nothing could be."""
    known = drawn[np.isfinite(drawn)]
    if len(known) == 0:
        return float("nan"), float("nan")
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return float(low), float(high)
