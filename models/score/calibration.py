"""From the model's margin to calibrated log-odds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray
from features.attributes.vocabulary import canonical
from features.column import Column
from features.errors import BundleError


@dataclass(frozen=True, slots=True)
class Calibration:
    """Affine on the margin, with a small offset per channel.

    Parameters
    ----------
    slope : float
        Positive; 1 changes nothing.
    intercept : float
        Log-odds; 0 changes nothing.
    offsets : mapping of str to float
        Log-odds by canonical channel; 0 for others.
    mean_offset : float
        Mean of the offsets over the training leads: the ledger counts it to the base, and
        what a channel is above or below it to the channel.
    """

    slope: float = 1.0
    intercept: float = 0.0
    offsets: Mapping[str, float] = field(default_factory=dict)
    mean_offset: float = 0.0

    def apply(self, margin: FloatArray, channel: Column) -> FloatArray:
        """Return calibrated log-odds, shape (n_leads,).

        Examples
        --------
        >>> from features.column import constant_column
        >>> Calibration(2.0, 0.5).apply(np.array([1.0]), constant_column("web", 1))
        array([2.5])
        """
        z = self.slope * margin + self.intercept
        return z + self.offset(channel) if self.offsets else z

    def offset(self, channel: Column) -> FloatArray:
        """Return each lead's channel offset, shape (n_leads,)."""
        return by_channel(self.offsets, channel, default=0.0)

    def channel_effect(self, channel: Column) -> FloatArray:
        """Return how far each lead's channel offset is from the mean, shape (n_leads,).

        Examples
        --------
        >>> from features.column import constant_column
        >>> Calibration(offsets={"web": 0.5}, mean_offset=0.25).channel_effect(
        ...     constant_column("web", 1)
        ... )
        array([0.25])
        """
        return self.offset(channel) - self.mean_offset

    def expected(self, margin: float) -> float:
        """Return the log-odds that stand for the model's expected margin.

        Examples
        --------
        >>> Calibration(2.0, 0.5, mean_offset=0.25).expected(1.0)
        2.75
        """
        return self.slope * margin + self.intercept + self.mean_offset

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "offsets": dict(self.offsets),
            "mean_offset": self.mean_offset,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that `to_json` wrote.

        Raises
        ------
        BundleError
            When it is not of that form.
        """
        try:
            return Calibration(
                float(data["slope"]),
                float(data["intercept"]),
                {str(name): float(offset) for name, offset in data["offsets"].items()},
                float(data["mean_offset"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(
                f"the calibration cannot be read ({error!r}), "
                "expected slope, intercept, offsets and mean_offset"
            ) from None


def by_channel(table: Mapping[str, float], channel: Column, *, default: float) -> FloatArray:
    """Return each lead's entry of a table by canonical channel, shape (n_leads,).

    Parameters
    ----------
    table : mapping of str to float
        Numbers by canonical channel.
    channel : Column
        Each lead's channel, as it came.
    default : float
        For leads whose channel is not in the table.

    Examples
    --------
    >>> by_channel({"web": 1.0}, Column(["Web", None], np.array([0, 1, 0], np.int32)), default=0.0)
    array([1., 0., 1.])
    """
    entries = np.array(
        [table.get(canonical(value) or "", default) for value in channel.values], dtype=np.float64
    )
    out: FloatArray = entries[channel.codes]
    return out
