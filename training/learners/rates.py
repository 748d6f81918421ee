"""The base rate, and shrunk rates per channel, as ways to learn."""

from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray
from models.score.rates import ChannelRates, shrunk_rates
from training.learners.learner import ONE_SIZE, Settled
from training.table import Table


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates as a fit."""

    rates: ChannelRates

    def margin(self, table: Table) -> FloatArray:
        """Return the log-odds of each row's rate."""
        return self.rates.margin(table.named_channel())


@dataclass(frozen=True, slots=True)
class RateLearner:
    """The base rate at creation, and shrunk rates per channel where asked for.

    Parameters
    ----------
    by_channel : bool
        Whether channels differ.
    prior_rows : float
        Rows at the base rate that each channel is given besides its own.
    """

    by_channel: bool
    prior_rows: float
    sizes: tuple[int, ...] = ONE_SIZE

    @property
    def name(self) -> str:
        """Its name in reports."""
        return "channel_rate" if self.by_channel else "base_rate"

    def start(self, table: Table, judged: Table) -> Settled:
        """Return the fit."""
        return Settled(self.fit(table, 0), judged)

    def fit(self, table: Table, size: int) -> Rates:
        """Return the rates of the rows at creation."""
        del size
        first = table.take(np.flatnonzero(table.at_creation))
        names: list[str | None] = list(first.channel_name)
        if not self.by_channel:
            names = [None] * len(names)
        return Rates(shrunk_rates(first.target, first.channel, names, prior_rows=self.prior_rows))
