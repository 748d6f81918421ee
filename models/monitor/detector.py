"""A sequential test: bets on a change since any moment, stopped whenever somebody looks."""

from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray

MOST = 1e150
"""Evidence is kept below this, so that nothing overflows."""


class Noticed(NamedTuple):
    """What a sequential test came to, for each of its streams.

    Parameters
    ----------
    evidence : array of shape (n_streams,)
        At the newest observation; over the threshold is an alarm.
    since : array of shape (n_streams,)
        Observation at which the present alarm began, -1 where there is none.
    """

    evidence: FloatArray
    since: "np.ndarray[tuple[int], np.dtype[np.int64]]"


def follow(ratios: FloatArray, threshold: float, every: int = 1) -> Noticed:
    """Return the evidence for a change, in the manner of Shiryaev and Roberts.

    Every so many observations a new bet of one unit begins on each alternative. While nothing
    has changed a bet is a nonnegative martingale (or less) under each null, so the sum of all
    bets grows by at most one unit per start: among n observations it is ever over the threshold
    with a probability of at most n / (every * threshold) (Doob's inequality), however often
    somebody looks. Against a composite null each simple one has bets of its own, and the least
    convinced speaks.

    Parameters
    ----------
    ratios : array of shape (n_observations, n_streams, n_nulls, n_alternatives)
        Likelihood of each observation under the alternative over that under the null.
    threshold : float
        Evidence of an alarm.
    every : int
        Observations between starts.

    Examples
    --------
    >>> twice = np.full((10, 1, 1, 1), 2.0)
    >>> found = follow(twice, threshold=100.0)
    >>> found.evidence, found.since
    (array([2046.]), array([5]))
    """
    _, streams, nulls, alternatives = ratios.shape
    bets = np.zeros((streams, nulls, alternatives))
    since = np.full(streams, -1, dtype=np.int64)
    evidence = np.zeros(streams)
    for at, ratio in enumerate(ratios):
        if at % every == 0:
            bets += 1.0
        bets = np.minimum(bets * ratio, MOST)
        evidence = bets.mean(axis=2).min(axis=1)
        over = evidence >= threshold
        since = np.where(over, np.where(since < 0, at, since), -1)
    return Noticed(evidence, since)


def bernoulli_ratio(happened: FloatArray, under: FloatArray, instead: FloatArray) -> FloatArray:
    """Return how much likelier events are under other probabilities; shapes broadcast.

    Examples
    --------
    >>> bernoulli_ratio(np.array([1.0, 0.0]), np.array([0.1]), np.array([0.2]))
    array([2.        , 0.88888889])
    """
    ratio: FloatArray = np.where(happened > 0, instead / under, (1.0 - instead) / (1.0 - under))
    return ratio
