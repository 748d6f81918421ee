"""A table with a row per lead, beside the leads of an export."""

from pathlib import Path

import numpy as np

from features.arrays import FloatArray, IntArray, MomentArray
from features.errors import SchemaError
from features.moment import NEVER
from training.data.export import Export
from training.data.fields import Fields
from training.data.table import read_table

EPISODE = "episode"


class Beside:
    """The rows of a file that belong to the leads of an export.

    Parameters
    ----------
    path : Path
        CSV or Parquet with `lead_id` and, where leads ask again, `episode`.
    export : Export
        The leads.

    Raises
    ------
    SchemaError
        When the file cannot be used, or has no row for any of the leads.
    """

    def __init__(self, path: Path, export: Export) -> None:
        self._fields = Fields(read_table(path), "UTC", (), ())
        ids = self._fields.ids("lead_id", "lead_id").to_pylist()
        episodes = [1] * len(ids)
        if EPISODE in self._fields.table.columns:
            episodes = self._fields.floats(EPISODE, EPISODE).astype(np.int64).tolist()
        place = {key: row for row, key in enumerate(zip(ids, episodes, strict=True))}
        keys = zip(export.lead_id, export.episode.tolist(), strict=True)
        row = np.array([place.get(key, -1) for key in keys], dtype=np.int64)
        if export.n_rows and not (row >= 0).any():
            raise SchemaError(f"{path}: has none of the leads; expected their ids in lead_id")
        self.row: IntArray = row

    def moments(self, column: str) -> MomentArray:
        """Return a moment of each lead, `NEVER` where there is none."""
        found = np.append(self._fields.moments(column, column), NEVER)
        moments: MomentArray = found[self.row]
        return moments

    def numbers(self, column: str) -> FloatArray:
        """Return a number of each lead, NaN where there is none."""
        found: FloatArray = np.append(self._fields.floats(column, column), np.nan)[self.row]
        return found

    def texts(self, column: str) -> list[str]:
        """Return a text of each lead, "" where there is none."""
        cells = [*self._fields.links(column, column).to_pylist(), ""]
        return [cells[row] for row in self.row.tolist()]
