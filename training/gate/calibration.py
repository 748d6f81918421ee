"""Whether probabilities mean what they say, or at least no less than what answered so far."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain

import numpy as np

from features.arrays import FloatArray
from training.config import TrainingConfig
from training.evaluate.bootstrap import draws, interval
from training.evaluate.metrics import SMALLEST, calibration_line, log_odds
from training.gate.check import Check, Result
from training.gate.twins import Twins

Figure = Callable[[FloatArray, FloatArray, Iterable[FloatArray]], FloatArray]
"""From probabilities, targets and how often each row counts in each draw: the figure of all
rows, then that of each draw."""
STEPS = 4
LEAST = 1e-3
"""What is smaller, or negative, is as far from 1 as this."""


def calibration(twins: Twins, config: TrainingConfig) -> tuple[Check, Check]:
    """Check calibration slope, and wins that came over wins expected.

    Each passes in its bounds, and outside when it is surely not farther from 1 than that of
    the champion (of the rates, where there is no champion). It fails when its whole interval
    is outside.
    """
    gate = config.gate
    slope = (gate.least_slope, gate.most_slope)
    ratio = (gate.least_observed_expected, gate.most_observed_expected)
    return (
        _check("calibration slope", slopes, slope, twins, config),
        _check("observed/expected", ratios, ratio, twins, config),
    )


def slopes(probability: FloatArray, target: FloatArray, counts: Iterable[FloatArray]) -> FloatArray:
    """Return the slopes of the logistic regression of the target on the log-odds."""
    z = log_odds(probability)
    if np.ptp(z) == 0.0:  # nothing to be too bold or too timid about
        return np.ones(1 + sum(1 for _ in counts))
    line = calibration_line(z, target, np.ones(len(z)))
    # a draw's line is near that of all rows
    drawn = (calibration_line(z, target, count, start=line, steps=STEPS)[0] for count in counts)
    return np.array([line[0], *drawn])


def ratios(probability: FloatArray, target: FloatArray, counts: Iterable[FloatArray]) -> FloatArray:
    """Return wins that came over wins expected."""
    everything = chain([np.ones(len(target))], counts)
    return np.array([_ratio(count * probability, count * target) for count in everything])


def _ratio(expected: FloatArray, came: FloatArray) -> float:
    return float(came.sum()) / max(float(expected.sum()), SMALLEST)


def _check(
    name: str, figure: Figure, bounds: tuple[float, float], twins: Twins, config: TrainingConfig
) -> Check:
    own = _drawn(figure, twins.own, twins, config)
    low, high = interval(own[1:], config.evaluating.confidence)
    said = f"{own[0]:.2f} ({low:.2f} to {high:.2f}), expected {bounds[0]:g} to {bounds[1]:g}"
    figures = {"value": float(own[0]), "interval": [low, high]}
    check = partial(Check, name, limit=bounds)
    if bounds[0] <= own[0] <= bounds[1]:
        return check(result="passed", figures=figures, sentence=said)
    result: Result = "failed" if high < bounds[0] or low > bounds[1] else "cannot tell"
    if twins.other is None:
        return check(result=result, figures=figures, sentence=said)
    other = _drawn(figure, twins.other, twins, config)
    farther = _distance(own) - _distance(other)
    most = interval(farther[1:], config.evaluating.confidence)[1]
    figures |= {"other": float(other[0]), "farther_at_most": most}
    whose = "that of the rates" if twins.champion is None else "the champion's"
    if most <= config.gate.calibration_margin:
        said += f"; not worse than {whose}, {other[0]:.2f}"
        return check(result="passed", figures=figures, sentence=said)
    return check(result=result, figures=figures, sentence=f"{said}; {whose} is {other[0]:.2f}")


def _drawn(figure: Figure, name: str, twins: Twins, config: TrainingConfig) -> FloatArray:
    judged = twins.judged
    counts = draws(judged.group, config.evaluating.draws, config.seed)
    return figure(judged.probability[name], judged.target, counts)


def _distance(ratio: FloatArray) -> FloatArray:
    distance: FloatArray = np.abs(np.log(np.maximum(ratio, LEAST)))
    return distance
