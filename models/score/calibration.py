"""From the model's margin to calibrated log-odds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray
from features.attributes.vocabulary import canonical
from features.column import Column


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
    """

    slope: float = 1.0
    intercept: float = 0.0
    offsets: Mapping[str, float] = field(default_factory=dict)

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
        """Return each lead's channel offset."""
        return by_channel(self.offsets, channel, default=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "offsets": dict(self.offsets),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Calibration":
        """Return the calibration that `to_json` wrote."""
        return Calibration(float(data["slope"]), float(data["intercept"]), dict(data["offsets"]))


def by_channel(table: Mapping[str, float], channel: Column, *, default: float) -> FloatArray:
    """Return each lead's entry of a table by canonical channel.

    Examples
    --------
    >>> by_channel({"web": 1.0}, Column(["Web", None], np.array([0, 1, 0], np.int32)), default=0.0)
    array([1., 0., 1.])
    """
    entries = np.array([table.get(canonical(v) or "", default) for v in channel.values])
    out: FloatArray = entries[channel.codes]
    return out
