"""Log-odds, probability, points and score.

Ten points double the odds and 50 is a lead at the anchor: the scorecard convention "points
to double the odds" (Siddiqi, Credit Risk Scorecards, 2006).
"""

import math
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from models.score.kernel import round_scores

START: Final = 50.0
LEAST: Final = 0.0
MOST: Final = 100.0
POINTS_PER_LOGIT: Final = 10.0 / math.log(2.0)


def logit(probability: float) -> float:
    """Return the log-odds of a probability strictly between 0 and 1.

    Examples
    --------
    >>> logit(0.5)
    0.0
    """
    return math.log(probability / (1.0 - probability))


def probability_of(z: FloatArray) -> FloatArray:
    """Return the probabilities of log-odds.

    Examples
    --------
    >>> probability_of(np.array([0.0]))
    array([0.5])
    """
    out: FloatArray = 1.0 / (1.0 + np.exp(-z))
    return out


def points_of(z: FloatArray, anchor: float) -> FloatArray:
    """Return how many points log-odds are above or below the anchor.

    Examples
    --------
    >>> points_of(np.array([logit(0.1), logit(0.1) + np.log(2)]), 0.1)
    array([ 0., 10.])
    """
    return (z - logit(anchor)) * POINTS_PER_LOGIT


def score_of(points: FloatArray) -> IntArray:
    """Return scores from 0 to 100; half points are rounded to the even score.

    Examples
    --------
    >>> score_of(np.array([-80.0, 0.0, 12.4, 70.0]))
    array([  0,  50,  62, 100])
    """
    scores = np.empty(len(points), dtype=np.int64)
    round_scores(points, START, LEAST, MOST, scores)
    return scores
