"""How sure: past leads with a similar score, and how many of them were won."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import BundleError

LEAST_LEADS: Final = 100
MOST_BINS: Final = 20
Z_95: Final = 1.959963984540054
"""Both-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """Past leads in bins of their out-of-time probability.

    Parameters
    ----------
    edges : array of shape (n_bins - 1,)
        Probability from which on the next bin holds; ascending.
    similar, won : arrays of shape (n_bins,)
        Leads, and those of them that were won within the horizon.
    low, high : arrays of shape (n_bins,)
        95 % interval of the share that is won.
    """

    edges: FloatArray
    similar: IntArray
    won: IntArray
    low: FloatArray = field(init=False)
    high: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        low, high = wilson_interval(self.won, self.similar)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @staticmethod
    def build(probability: FloatArray, won: FloatArray) -> "EvidenceTable":
        """Return the table of distinct leads, one snapshot each, predicted out of time.

        Bins hold about the same number of leads, at least 100 where there are as many, and
        equal probabilities are in one bin. A bin in which all or none were won is joined to
        its smaller neighbour, so that no evidence reads "of 100 leads, 0 were won".

        Parameters
        ----------
        probability : array of shape (n_leads,)
            Predicted without having seen the lead.
        won : array of shape (n_leads,)
            1 for won within the horizon.

        Examples
        --------
        >>> EvidenceTable.build(np.array([0.1, 0.2]), np.array([0.0, 1.0])).similar
        array([2])
        """
        n_bins = int(np.clip(len(probability) // LEAST_LEADS, 1, MOST_BINS))
        cuts = np.arange(1, n_bins) / n_bins
        edges: FloatArray = np.unique(np.quantile(probability, cuts)) if n_bins > 1 else np.zeros(0)
        bins = np.searchsorted(edges, probability, side="right")
        similar = np.bincount(bins, minlength=len(edges) + 1)
        n_won = np.rint(np.bincount(bins, weights=won, minlength=len(edges) + 1)).astype(np.int64)
        return _joined(edges.tolist(), similar.tolist(), n_won.tolist())

    def look_up(self, probability: FloatArray) -> "Evidence":
        """Return the evidence for probabilities.

        Parameters
        ----------
        probability : array of shape (n_leads,)
            The leads' probabilities.
        """
        return Evidence(self, self.edges.searchsorted(probability, side="right"))

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "edges": self.edges.tolist(),
            "similar": self.similar.tolist(),
            "won": self.won.tolist(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "EvidenceTable":
        """Return the table that `to_json` wrote.

        Raises
        ------
        BundleError
            When it is not of that form.
        """
        try:
            edges = np.array(data["edges"], dtype=np.float64)
            similar = np.array(data["similar"], dtype=np.int64)
            won = np.array(data["won"], dtype=np.int64)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise BundleError(
                f"the evidence table cannot be read ({error!r}), expected edges, similar and won"
            ) from None
        fits = similar.ndim == 1 and similar.shape == won.shape == (len(edges) + 1,)
        if not fits or (won > similar).any() or (won < 0).any() or (np.diff(edges) <= 0).any():
            raise BundleError(
                "the evidence table does not fit together: expected ascending edges, one bin "
                "more, and won among the similar leads"
            )
        return EvidenceTable(edges, similar, won)


class Evidence(NamedTuple):
    """Evidence of leads.

    Parameters
    ----------
    table : EvidenceTable
        Where it stands.
    bins : array of shape (n_leads,)
        Each lead's bin in the table.
    """

    table: EvidenceTable
    bins: IntArray

    @property
    def similar(self) -> IntArray:
        """Past leads with a similar score, shape (n_leads,)."""
        return self.table.similar[self.bins]

    @property
    def won(self) -> IntArray:
        """Those of them that were won."""
        return self.table.won[self.bins]

    @property
    def low(self) -> FloatArray:
        """Lower end of the 95 % interval of the share that is won."""
        return self.table.low[self.bins]

    @property
    def high(self) -> FloatArray:
        """Upper end of the interval."""
        return self.table.high[self.bins]

    def row(self, row: int) -> dict[str, float]:
        """Return one lead's evidence by the names and in the order that an answer uses."""
        one = self.bins[row]
        table = self.table
        return {
            "similar_leads": int(table.similar[one]),
            "won": int(table.won[one]),
            "low": float(table.low[one]),
            "high": float(table.high[one]),
        }


def _joined(edges: list[float], similar: list[int], won: list[int]) -> EvidenceTable:
    while edges:
        lone = next((i for i, n in enumerate(similar) if won[i] in (0, n)), None)
        if lone is None:
            break
        left_is_smaller = lone > 0 and (
            lone == len(edges) or similar[lone - 1] <= similar[lone + 1]
        )
        first = lone - 1 if left_is_smaller else lone
        del edges[first]
        similar[first : first + 2] = [similar[first] + similar[first + 1]]
        won[first : first + 2] = [won[first] + won[first + 1]]
    return EvidenceTable(
        np.array(edges, dtype=np.float64),
        np.array(similar, dtype=np.int64),
        np.array(won, dtype=np.int64),
    )


def wilson_interval(
    won: IntArray | FloatArray, n: IntArray | FloatArray, z: float = Z_95
) -> tuple[FloatArray, FloatArray]:
    """Return the interval of a share (Wilson, Probable inference, 1927).

    Parameters
    ----------
    won, n : arrays of the same shape
        Successes, and trials; without trials the interval is 0 to 1.
    z : float
        Quantile of the normal distribution; of 95 % by default.

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
