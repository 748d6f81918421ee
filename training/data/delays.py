"""How long wins take, seen in data that end before the slowest ones have come."""

import numpy as np

from features.arrays import FloatArray

SHARE = 0.8
DEFAULT_DAYS = 90
ROUNDING = 1e-9


def day_of_share(delay: FloatArray, observable: FloatArray, share: float = SHARE) -> float:
    """Return the delay by which a share of all wins have come.

    A win is in the data only when its delay is at most the time that its lead could be
    observed, so late wins of young leads are absent. The estimate of Lynden-Bell (1971)
    for such right-truncated delays corrects this: going down from the longest delay, the
    distribution falls by the factor (1 - wins at this delay / wins at risk), where those
    at risk have a delay not above it and could have been observed that long.

    Parameters
    ----------
    delay : array of shape (n_wins,)
        Days from creation to the win.
    observable : array of shape (n_wins,)
        Days from creation to the end of the data, at least the delay.
    share : float
        The share of wins, above 0 and at most 1.
    """
    days, wins = np.unique(delay, return_counts=True)
    started = np.searchsorted(np.sort(delay), days, side="right")
    ended = np.searchsorted(np.sort(observable), days, side="left")
    at_risk = started - ended
    factors = 1.0 - wins / at_risk
    # The distribution at a delay is the product of the factors of all longer ones.
    by_then = np.append(np.cumprod(factors[::-1])[::-1][1:], 1.0)
    return float(days[np.searchsorted(by_then, share - ROUNDING)])


def propose_horizon(delay: FloatArray, observable: FloatArray, span_days: float) -> int:
    """Return the horizon to propose: 80 % of wins, at most a quarter of the data's span."""
    most = max(int(span_days // 4), 1)
    if not len(delay):
        return min(DEFAULT_DAYS, most)
    return int(min(max(np.ceil(day_of_share(delay, observable)), 1), most))
