"""The leads of one bucket, read as a small export is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.moment import NEVER
from training.data.export import Export
from training.data.files import ExportFiles
from training.data.mapping import ExportMapping
from training.data.read import read_files
from training.data.table import Table
from training.spark.source import PLACE, Columns

WHICH = "which"


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads the rows of some leads as if they were all.

    Parameters
    ----------
    mapping : ExportMapping
        What the columns mean.
    columns : mapping of str to Columns
        Those of the leads, and of the activities and the history where they are there.
    """

    mapping: ExportMapping
    columns: Mapping[str, Columns]

    def files(self) -> ExportFiles:
        """Return the tables of the export under their names."""
        given = {name: Path(name) for name in self.columns}
        return ExportFiles(
            given["leads"], self.mapping, given.get("activities"), given.get("history"), False
        )

    def read(self, leads: Any, others: Any) -> Export | None:
        """Return the leads of a bucket, None where it has none.

        Parameters
        ----------
        leads : pyarrow.Table
            Their rows.
        others : pyarrow.Table
            Rows of activities and history, told apart by the column `which`.
        """
        if leads.num_rows == 0:
            return None
        files = self.files()
        tables = {"leads": self._table("leads", leads)}
        for name in self.columns.keys() - tables.keys():
            rows = others.filter(pc.equal(others.column(WHICH), name))
            tables[name] = self._table(name, rows)
        opened = {Path(name): table for name, table in tables.items()}
        return read_files(
            ExportFiles(files.leads, files.mapping, files.activities, files.history, False, opened)
        )

    def latest(self, leads: Any, others: Any) -> int:
        """Return the latest moment that the rows of a bucket know of, `NEVER` without dates."""
        export = self.read(leads, others)
        if export is not None:
            return export.data_end
        if "history" not in self.columns:
            return NEVER
        past = self.mapping.history
        rows = others.filter(pc.equal(others.column(WHICH), "history"))
        fields = self.files().fields(self._table("history", rows), past.date_format)
        changed = fields.moments(past.changed_at, "history.changed_at")
        return int(changed.max(initial=NEVER))

    def _table(self, name: str, rows: Any) -> Table:
        """Return rows under their own names, in the order of the file as far as there is one."""
        columns = self.columns[name]
        data = rows.sort_by(PLACE).select(list(columns.carried))
        data = data.rename_columns(list(columns.carried.values()))
        nowhere = np.full(data.num_rows, -1)
        return Table(Path(name), columns.known, data, None, nowhere)


def without_files(mapping: ExportMapping) -> ExportMapping:
    """Return a mapping that names no further files: only what is given is there."""
    files = mapping.files.model_copy(update={"activities": None, "history": None})
    return mapping.model_copy(update={"files": files})


def only_dates(mapping: ExportMapping) -> ExportMapping:
    """Return a mapping that reads ids and dates, no attributes."""
    roles = mapping.leads.model_copy(
        update={"channel": None, "source": None, "segment": None, "owner": None, "attempts": None}
    )
    return mapping.model_copy(update={"attributes": {}, "leads": roles})


def empty_others() -> Any:
    """Return no activities and no history."""
    return pa.table({WHICH: pa.array([], pa.string()), PLACE: pa.array([], pa.int64())})
