"""Bets that outcomes no longer follow predictions: what is tolerated and what is feared."""

import numpy as np

from features.arrays import FloatArray
from models.monitor.detector import bernoulli_ratio
from models.score.points import probability_of

TOLERATED = 0.2
"""In log-odds: a level a fifth off is no change of the concept."""
TOLERATED_SLOPE = 0.15
"""How much steeper or flatter the ranking may be; wrongly told apart from chance below that."""
LEVELS = np.array([-2.0, 1.0])
SLOPES = np.array([0.0])
"""Few, since each bet takes its share of the stake: wins nearly gone, far more wins, and no
ranking left. A ranking that is turned round wins the last bet as well."""
STEPS = 40
TINY = 1e-9


def log_odds(probability: FloatArray | float) -> FloatArray:
    """Return log-odds; 0 and 1 count as a little more and less."""
    inside = np.clip(probability, TINY, 1.0 - TINY)
    found: FloatArray = np.log(inside / (1.0 - inside))
    return found


def tilted(probability: FloatArray, slope: float) -> FloatArray:
    """Return probabilities that rank more or less steeply, and expect as many wins.

    Were the log-odds stretched around a fixed point, a steeper ranking would expect more wins
    as well, and a change of the level could hide behind it.

    Parameters
    ----------
    probability : array of shape (n_leads,)
    slope : float
        Factor of the log-odds: 1 changes nothing, 0 leaves no ranking, -1 turns it round.

    Examples
    --------
    >>> tilted(np.array([0.1, 0.3]), 0.0)
    array([0.2, 0.2])
    >>> round(float(tilted(np.array([0.1, 0.3, 0.8]), 1.5).mean()), 6)
    0.4
    """
    stretched = slope * log_odds(probability)
    target = float(np.clip(probability.mean(), TINY, 1.0 - TINY))
    # Newton's method with short steps: the mean grows with the offset
    offset = float(log_odds(target)) - float(stretched.mean())
    for _ in range(STEPS):
        found = probability_of(stretched + offset)
        steepness = max(float((found * (1.0 - found)).mean()), TINY)
        offset += float(np.clip((target - found.mean()) / steepness, -1.0, 1.0))
    result: FloatArray = probability_of(stretched + offset)
    return result


def bets_on_outcomes(probability: FloatArray, won: FloatArray) -> FloatArray:
    """Return what each bet on a change makes of each outcome.

    Parameters
    ----------
    probability : array of shape (n_leads,)
        Predicted.
    won : array of shape (n_leads,)
        1 where won.

    Returns
    -------
    array of shape (n_leads, 1, n_tolerated, n_feared)
        Likelihood ratios, as `follow` takes them.
    """
    shapes = [tilted(probability, 1.0 + turn) for turn in (-TOLERATED_SLOPE, 0.0, TOLERATED_SLOPE)]
    shifts = (-TOLERATED, 0.0, TOLERATED)
    nulls = [probability_of(log_odds(shape) + shift) for shape in shapes for shift in shifts]
    feared = [probability_of(log_odds(probability) + level) for level in LEVELS]
    feared += [tilted(probability, slope) for slope in SLOPES.tolist()]
    under = np.stack(nulls, axis=1)[:, :, None]
    instead = np.stack(feared, axis=1)[:, None, :]
    return bernoulli_ratio(won[:, None, None], under, instead)[:, None]
