"""Whether probabilities mean what they say, or at least no less than what answered so far."""

from collections.abc import Callable
from functools import partial

import numpy as np

from features.arrays import FloatArray
from training.config import TrainingConfig
from training.evaluate.bootstrap import draws, interval
from training.evaluate.metrics import SMALLEST, calibration_line, log_odds
from training.gate.check import Check, Result
from training.gate.twins import Twins

Figure = Callable[[FloatArray, FloatArray, FloatArray], float]
"""From probabilities, targets and how often each row counts."""
LEAST = 1e-3
"""What is smaller, or negative, is as far from 1 as this."""


def calibration(twins: Twins, config: TrainingConfig) -> tuple[Check, Check]:
    """Check calibration slope, and wins that came over wins expected.

    Each passes in its bounds, and outside when it is surely not farther from 1 than that of
    the champion (of the rates, where there is no champion). It fails when its whole interval
    is outside.
    """
    gate = config.gate
    ratios = (gate.least_observed_expected, gate.most_observed_expected)
    return (
        _check("calibration slope", slope, (gate.least_slope, gate.most_slope), twins, config),
        _check("observed/expected", observed_over_expected, ratios, twins, config),
    )


def slope(probability: FloatArray, target: FloatArray, weight: FloatArray) -> float:
    """Return the slope of the logistic regression of the target on the log-odds."""
    return calibration_line(log_odds(probability), target, weight)[0]


def observed_over_expected(
    probability: FloatArray, target: FloatArray, weight: FloatArray
) -> float:
    """Return wins that came over wins expected."""
    return float((weight * target).sum()) / max(float((weight * probability).sum()), SMALLEST)


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
    """Return the figure of all rows, then of each draw."""
    judged = twins.judged
    probability = judged.probability[name]
    counts = draws(judged.group, config.evaluating.draws, config.seed)
    found = [figure(probability, judged.target, np.ones(len(probability)))]
    return np.array([*found, *(figure(probability, judged.target, count) for count in counts)])


def _distance(ratio: FloatArray) -> FloatArray:
    distance: FloatArray = np.abs(np.log(np.maximum(ratio, LEAST)))
    return distance
