"""How sure: past leads with a similar score, and how many of them were won."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray

LEAST_LEADS = 100
MOST_BINS = 20
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of leads, each of shape (n_leads,)."""

    similar: IntArray
    won: IntArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """Past leads in bins of their out-of-time probability.

    Parameters
    ----------
    edges : array of shape (n_bins - 1,)
        Probability from which on the next bin holds.
    similar, won : arrays of shape (n_bins,)
        Leads, and those of them that were won within the horizon.
    """

    edges: FloatArray
    similar: IntArray
    won: IntArray

    @staticmethod
    def build(probability: FloatArray, won: FloatArray) -> "EvidenceTable":
        """Return the table of leads, one row each, predicted out of time.

        Parameters
        ----------
        probability : array of shape (n_leads,)
        won : array of shape (n_leads,)
            1 for won within the horizon.

        Examples
        --------
        >>> EvidenceTable.build(np.array([0.1, 0.2]), np.array([0.0, 1.0])).similar
        array([2])
        """
        n_bins = int(np.clip(len(probability) // LEAST_LEADS, 1, MOST_BINS))
        quantiles = np.quantile(probability, np.arange(1, n_bins) / n_bins)
        edges = np.unique(quantiles) if len(probability) else np.zeros(0)
        bins = np.searchsorted(edges, probability, side="right")
        similar = np.bincount(bins, minlength=len(edges) + 1)
        n_won = np.bincount(bins, weights=won, minlength=len(edges) + 1)
        return EvidenceTable(edges, similar, np.rint(n_won).astype(np.int64))

    def look_up(self, probability: FloatArray) -> Evidence:
        """Return the evidence for probabilities, with 95 % intervals of the won share."""
        bins = np.searchsorted(self.edges, probability, side="right")
        low, high = wilson_interval(self.won, self.similar)
        return Evidence(self.similar[bins], self.won[bins], low[bins], high[bins])

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "edges": self.edges.tolist(),
            "similar": self.similar.tolist(),
            "won": self.won.tolist(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "EvidenceTable":
        """Return the table that `to_json` wrote."""
        return EvidenceTable(
            np.array(data["edges"], dtype=np.float64),
            np.array(data["similar"], dtype=np.int64),
            np.array(data["won"], dtype=np.int64),
        )


def wilson_interval(won: IntArray, n: IntArray, z: float = Z_95) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a share (Wilson, 1927); 0 to 1 where there are no rows.

    Examples
    --------
    >>> low, high = wilson_interval(np.array([77]), np.array([412]))
    >>> float(low[0].round(3)), float(high[0].round(3))
    (0.152, 0.227)
    """
    rows = np.maximum(n, 1).astype(np.float64)
    share = won / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows**2)) / (1 + z * z / rows)
    low = np.where(n > 0, np.clip(middle - half, 0.0, 1.0), 0.0)
    high = np.where(n > 0, np.clip(middle + half, 0.0, 1.0), 1.0)
    return low, high
