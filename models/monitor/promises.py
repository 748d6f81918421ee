"""Whether both sides keep what the agreement promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np

from models.explain.evidence import wilson_interval
from models.monitor.budget import LOOKS, Budget
from models.monitor.verdict import State, Verdict

RECENT_DAYS = 30
LONG_DAYS = 180
"""Wins take long: precision looks back so far beyond the horizon."""
LEAST_BEFORE = 50
HORIZON_DAYS = 90
"""Of a model without one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How often a promise was kept.

    Parameters
    ----------
    promise : str
        "precision", "acceptance", "contact" or "attempts".
    label : str
        Of the leads that it is about.
    kept, of : int
        Leads.
    least : float or None
        Share that was promised; None where nothing was.
    """

    promise: str
    label: str
    kept: int
    of: int
    least: float | None


def check_promises(promises: Sequence[Kept], budget: Budget) -> list[Verdict]:
    """Return a verdict per promise: act where it is broken beyond chance."""
    made = [one for one in promises if one.least is not None and one.of]
    risk = budget.promises / max(len(made) * LOOKS, 1)
    return [_verdict(one, one.least, risk) for one in made if one.least is not None]


def at_most(kept: int, of: int, share: float) -> float:
    """Return the chance of so few or fewer, were each kept with the promised share.

    Examples
    --------
    >>> round(at_most(1, 2, 0.5), 6)
    0.75
    """
    if share >= 1.0:
        return 1.0 if kept >= of else 0.0
    if share <= 0.0:
        return 1.0
    ways = (lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) for k in range(kept + 1))
    terms = (w + k * log(share) + (of - k) * log(1.0 - share) for k, w in enumerate(ways))
    return min(sum(map(exp, terms)), 1.0)


def _verdict(one: Kept, least: float, risk: float) -> Verdict:
    low, high = wilson_interval(np.array([one.kept]), np.array([one.of]))
    p_value = at_most(one.kept, one.of, least)
    state: State = "fine"
    if p_value <= risk:
        state = "act"
    figures = {
        "leads": one.of,
        "kept_share": one.kept / one.of,
        "low_share": float(low[0]),
        "high_share": float(high[0]),
        "promised_share": least,
        "p_value": p_value,
    }
    return Verdict(one.promise, one.label, state, f"{one.promise}_{state}", figures)
