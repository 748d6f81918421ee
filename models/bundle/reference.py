"""Past leads without ids, for previews, drift and importances."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.arrays import BoolArray, FloatArray, MomentArray
from features.errors import BundleError

ARRAYS = ("features", "as_of", "probability", "won", "at_creation")


@dataclass(frozen=True, slots=True)
class ReferenceLeads:
    """Distinct leads, one snapshot each, with their out-of-time prediction and outcome.

    Parameters
    ----------
    features : array of shape (n_leads, n_features)
        As the model's space built them.
    as_of : array of shape (n_leads,)
        Moment of the snapshot; `NEVER` without dates.
    probability : array of shape (n_leads,)
        Predicted by a model that could not know the lead.
    won : array of shape (n_leads,)
        Whether it was won within the horizon.
    at_creation : array of shape (n_leads,)
        Whether the snapshot is the lead's creation.
    channel : tuple of str or None
        Canonical channel of each lead.
    """

    features: FloatArray
    as_of: MomentArray
    probability: FloatArray
    won: BoolArray
    at_creation: BoolArray
    channel: tuple[str | None, ...]

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return len(self.probability)

    def write(self, folder: Path) -> None:
        """Write one array file per column, and the channels as JSON."""
        folder.mkdir()
        for name in ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)
        (folder / "channel.json").write_text(
            json.dumps(list(self.channel), ensure_ascii=False), encoding="utf-8"
        )

    @staticmethod
    def read(folder: Path) -> "ReferenceLeads":
        """Return the leads that `write` wrote.

        Raises
        ------
        BundleError
            When a file is not what it should be, or the columns differ in length.
        """
        try:
            arrays = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in ARRAYS}
            channel = tuple(json.loads((folder / "channel.json").read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise BundleError(f"reference: cannot be read: {error}") from None
        if {len(array) for array in arrays.values()} != {len(channel)}:
            raise BundleError("reference: the columns differ in length")
        return ReferenceLeads(**arrays, channel=channel)
