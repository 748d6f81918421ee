"""The base rate, and shrunk rates per channel and segment, as ways to learn."""

from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray
from models.score.rates import ChannelRates, shrunk_rates
from models.score.segments import Segments
from training.calibrate import Seen
from training.learners.learner import ONE_SIZE, Settled
from training.offsets import Offsets, Past, mean_offset, shrunk_offsets, table_of
from training.table import Table


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates as a fit.

    Parameters
    ----------
    rates : ChannelRates
    segments : Segments or None
        What segments are above or below the rates of their channels.
    offsets : Offsets or None
        What these come from.
    """

    rates: ChannelRates
    segments: Segments | None = None
    offsets: Offsets | None = None

    def margin(self, table: Table) -> FloatArray:
        """Return the log-odds of each row's rate."""
        z = self.rates.margin(table.named_channel())
        if self.segments is None or table.segment is None:
            return z
        return z + self.segments.offset(table.segment.column)


@dataclass(frozen=True, slots=True)
class RateLearner:
    """The base rate at creation, and shrunk rates per channel and segment where asked for.

    Parameters
    ----------
    by_channel : bool
        Whether channels and segments differ.
    prior_rows : float
        Rows at the base rate that each channel is given besides its own; a segment as many at
        the rates of its leads' channels.
    by_segment : bool
        False for channels alone.
    """

    by_channel: bool
    prior_rows: float
    by_segment: bool = True
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
        rates = shrunk_rates(first.target, first.channel, names, prior_rows=self.prior_rows)
        if not (self.by_channel and self.by_segment) or first.segment is None:
            return Rates(rates)
        offsets = _segments(rates, first, self.prior_rows)
        return Rates(rates, offsets.segments(first.segment.about), offsets)


def _segments(rates: ChannelRates, first: Table, prior_rows: float) -> Offsets:
    assert first.segment is not None, "it was asked for"
    n = first.n_rows
    seen = Seen(first.target, np.ones(n), np.zeros(n, dtype=np.int64))
    past = Past(rates.margin(first.named_channel()), seen, first.segment.parts(), first.group)
    parts = shrunk_offsets(past, prior_rows * rates.base * (1.0 - rates.base))
    return Offsets("segment", True, 0.0, 0.0, mean_offset(table_of(parts), past.part), parts)
