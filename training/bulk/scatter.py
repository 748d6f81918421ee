"""Puts the activities and the history of each part of the leads beside each other."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from features.arrays import BoolArray
from features.moment import NEVER
from training.bulk.index import LeadIndex, keys_of
from training.bulk.survey import form
from training.data.activity_file import columns_of, latest_recorded
from training.data.fields import Fields
from training.data.files import ExportFiles
from training.data.stream import read_slices
from training.data.table import Table

SLICE_ROWS = 1 << 18
PLACE = "\0row"
"""Column that says where a row stood in its file; no file can have one of this name."""


class Kind(NamedTuple):
    """A file whose rows belong to leads.

    Parameters
    ----------
    name : str
    path : Path
    lead_id : str
        Column with the lead.
    only : set of str
        Columns to keep.
    formats : tuple of str
        How its dates are written.
    """

    name: str
    path: Path
    lead_id: str
    only: set[str]
    formats: tuple[str, ...]


def kinds_of(files: ExportFiles) -> Iterator[Kind]:
    """Yield the files besides that of the leads."""
    mapping = files.mapping
    if files.activities is not None:
        deeds = mapping.activities
        only, formats = columns_of(deeds), tuple(deeds.date_format)
        yield Kind("activities", files.activities, deeds.lead_id, only, formats)
    if files.history is not None:
        past = mapping.history
        only = {past.lead_id, past.attribute, past.value, past.changed_at}
        yield Kind("history", files.history, past.lead_id, only, tuple(past.date_format))


def scatter(files: ExportFiles, kind: Kind, index: LeadIndex, folder: Path, n_parts: int) -> int:
    """Write the rows that each part of the leads needs to a file of its own.

    Returns
    -------
    int
        The latest moment that the file knows of.

    Raises
    ------
    SchemaError
        When a column is missing or a date cannot be read.
    """
    latest = NEVER
    with ExitStack() as stack:
        writers: list[Any] = []
        for table in read_slices(kind.path, SLICE_ROWS, only=kind.only, **form(files)):
            fields = files.fields(table, kind.formats)
            key = keys_of(fields.links(kind.lead_id, f"{kind.name}.lead_id"))
            latest = max(latest, _latest(files, kind, fields, index.knows(key)))
            data = table.data.append_column(PLACE, pa.array(table.rows))
            writers = writers or [
                stack.enter_context(pa.ipc.new_stream(part_path(folder, kind, part), data.schema))
                for part in range(n_parts)
            ]
            row, part = index.places(key)
            bounds = np.searchsorted(part, np.arange(n_parts + 1))
            data = data.take(pa.array(row))
            for number in np.flatnonzero(np.diff(bounds)).tolist():
                begin, end = int(bounds[number]), int(bounds[number + 1])
                writers[number].write_table(data.slice(begin, end - begin))
    return latest


def _latest(files: ExportFiles, kind: Kind, fields: Fields, known: BoolArray) -> int:
    if kind.name == "activities":
        return latest_recorded(fields, files.mapping.activities, known)
    past = files.mapping.history
    changed = fields.moments(past.changed_at, "history.changed_at", formats=past.date_format)
    return int(changed.max())


def part_path(folder: Path, kind: Kind, part: int) -> Path:
    """Return the file with the rows of a part."""
    return folder / f"{kind.name}-{part:05}.arrow"


def read_part(folder: Path, kind: Kind, part: int, model: Table) -> Table:
    """Return the rows of a part as if the file held no others.

    Parameters
    ----------
    model : Table
        Any rows of the file; tells its columns and how it is written.
    """
    with pa.ipc.open_stream(part_path(folder, kind, part)) as reader:
        data = reader.read_all()
    rows = data.column(PLACE).to_numpy()
    return Table(kind.path, model.columns, data.drop_columns([PLACE]), model.form, rows)
