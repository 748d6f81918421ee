"""Leads as they were first decided, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray, MomentArray
from features.column import Column
from features.moment import DAY, NEVER


@dataclass(frozen=True, slots=True)
class Observed:
    """Leads by the time of their first decision.

    Parameters
    ----------
    at : array of shape (n_leads,)
        When each was first decided, ascending.
    fields : mapping of str to Column
        `channel`, `source` and attributes in stored form, as they were seen then.
    probability : array of shape (n_leads,)
        What the model in use predicted then; NaN where another or none did.
    won_at : array of shape (n_leads,)
        `NEVER` where not won (yet).
    closed : array of shape (n_leads,)
        Whether it is known how the lead came out.
    """

    at: MomentArray
    fields: Mapping[str, Column]
    probability: FloatArray
    won_at: MomentArray
    closed: BoolArray

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return len(self.at)

    def take(self, rows: IntArray) -> "Observed":
        """Return some of the leads."""
        return Observed(
            self.at[rows],
            {name: column.take(rows) for name, column in self.fields.items()},
            self.probability[rows],
            self.won_at[rows],
            self.closed[rows],
        )

    def until(self, now: int) -> "Observed":
        """Return what was known at a moment: later leads and wins are not."""
        seen = self.take(np.flatnonzero(self.at <= now))
        won_at = np.where(seen.won_at <= now, seen.won_at, NEVER)
        return replace(seen, won_at=won_at)

    def newest(self, most: int) -> "Observed":
        """Return the newest leads."""
        return self.take(np.arange(max(self.n_leads - most, 0), self.n_leads))

    def matured(self, now: int, horizon_days: int | None) -> "Observed":
        """Return the predicted leads whose horizon is over; without one, those that are closed."""
        over = self.closed if horizon_days is None else self.at + horizon_days * DAY <= now
        return self.take(np.flatnonzero(over & ~np.isnan(self.probability)))

    def won(self, horizon_days: int | None) -> FloatArray:
        """Return 1 for leads that were won within the horizon, 0 for others."""
        won = self.won_at != NEVER
        if horizon_days is not None:
            won &= self.won_at <= self.at + horizon_days * DAY
        return won.astype(np.float64)
