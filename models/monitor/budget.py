"""How the risk of false alarms is shared out among the checks."""

from dataclasses import dataclass, field

from features.moment import DAY
from models.monitor.observed import Observed

SPAN_DAYS = 30
LOOKS = SPAN_DAYS
"""How often windows are compared within the span: daily. Sequential tests may be looked at at
any time."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many false alarms within 30 days each check may be expected to give, at most.

    All together are expected to give a tenth of one, so that two or more come in at most one
    month of twenty (Markov's inequality), however the checks hang together.

    Parameters
    ----------
    windows : float
        All comparisons of windows with the reference, together.
    emptied : float
        All fields together.
    concept, channels : float
        Outcomes against predictions, over all leads and over all channels.
    early : float
        Wins before the horizon is over.
    discrimination : float
    promises : float
        All promises of the agreement together.
    """

    windows: float = 0.015
    emptied: float = 0.01
    concept: float = 0.05
    channels: float = 0.005
    early: float = 0.0025
    discrimination: float = 0.0125
    promises: float = 0.005
    total: float = field(init=False)

    def __post_init__(self) -> None:
        """Add up what all checks together may."""
        own = (self.windows, self.emptied, self.concept, self.channels)
        rest = (self.early, self.discrimination, self.promises)
        object.__setattr__(self, "total", sum(own) + sum(rest))


def threshold(risk: float, looked_at: int, observed: Observed, now: int, every: int) -> float:
    """Return the evidence that is an alarm, so that false ones keep to their risk.

    Within 30 days a sequential test sees the leads that come in them and those that it looks
    back on.

    Parameters
    ----------
    risk : float
        Of one stream, within 30 days.
    looked_at : int
        Leads that the test looks back on.
    observed : Observed
        Tells how many leads come in 30 days.
    now : int
        Moment.
    every : int
        Leads between two starts.
    """
    recent = int((observed.at > now - SPAN_DAYS * DAY).sum())
    return max((recent + looked_at) / every, 1.0) / risk
