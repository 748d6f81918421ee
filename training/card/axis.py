"""One direction of a plot."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MOST_TICKS: Final = 6

Text = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a plot.

    Parameters
    ----------
    name : str
        What is shown, with its unit.
    low, high : float
        Where it begins and ends.
    text : callable
        How a tick is written.
    """

    name: str
    low: float
    high: float
    text: Text

    def place(self, value: float, start: float, end: float) -> float:
        """Return where a value stands between two edges of the plot."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return start + share * (end - start)

    def ticks(self) -> list[float]:
        """Return round values along the axis."""
        step = round_step((self.high - self.low) / (MOST_TICKS - 1))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [place * step for place in range(first, last + 1)]


def round_step(least: float) -> float:
    """Return the least of 1, 2 and 5 times a power of ten that is at least so large."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(
        factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * 0.999
    )
