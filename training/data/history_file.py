"""Reads the dated values of an export."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import BoolArray, IntArray
from features.column import Column
from features.moment import NEVER
from training.data.cells import cells_of, trimmed
from training.data.fields import Fields, dates_column, stored_column
from training.data.history import AttributeHistory, History
from training.data.mapping import ExportMapping
from training.data.moments import DateReader
from training.data.notes import HistoryNotes
from training.data.numbers import EXPECTED, read_numbers


def read_history(
    fields: Fields, mapping: ExportMapping, ids: Any, usable: tuple[str, ...]
) -> tuple[History, HistoryNotes, int]:
    """Return the dated values of usable attributes, what was left out, and the latest date.

    Parameters
    ----------
    ids : pyarrow.Array
        The distinct `lead_id`s.
    usable : tuple of str
        Attributes to read; the file may call them by their name or by their column.

    Raises
    ------
    SchemaError
        When a column is missing, or a date or number cannot be read.
    """
    columns = mapping.history
    lead_ids = fields.links(columns.lead_id, "history.lead_id")
    found = pc.fill_null(pc.index_in(lead_ids, value_set=ids), -1)
    lead = found.to_numpy(zero_copy_only=False).astype(np.int64)
    changed = fields.moments(columns.changed_at, "history.changed_at", formats=columns.date_format)
    attribute = _attributes(fields, mapping, usable)
    dated = changed != NEVER
    used = dated & (lead >= 0) & (attribute >= 0)
    values = fields.table.column(columns.value, "history.value")
    reader = _ValueReader(fields, mapping, values)
    order = np.lexsort((changed, lead, attribute))
    order = order[used[order]]
    bounds = np.searchsorted(attribute[order], np.arange(len(usable) + 1))
    histories = {}
    for i, name in enumerate(usable):
        rows = order[bounds[i] : bounds[i + 1]]
        if len(rows):
            histories[name] = AttributeHistory(lead[rows], changed[rows], reader.read(name, rows))
    notes = HistoryNotes(
        rows=fields.table.n_rows,
        used=int(used.sum()),
        of_unknown_leads=int((dated & (lead < 0)).sum()),
        of_unused_attributes=int((dated & (lead >= 0) & (attribute < 0)).sum()),
        without_date=int((~dated).sum()),
    )
    return History(histories), notes, int(changed.max())


def _attributes(fields: Fields, mapping: ExportMapping, usable: tuple[str, ...]) -> IntArray:
    """Return each row's position among the usable attributes, -1 for any other."""
    position = {mapping.column_of(name): i for i, name in enumerate(usable)}
    position.update({name: i for i, name in enumerate(usable)})
    cells = cells_of(fields.table.column(mapping.history.attribute, "history.attribute"))
    return np.array([position.get(text, -1) for text in cells.texts()])[cells.codes]


class _ValueReader:
    """Reads the one column of values as each attribute's type asks for."""

    def __init__(self, fields: Fields, mapping: ExportMapping, values: Any) -> None:
        self.fields = fields
        self.mapping = mapping
        self.values = values

    def read(self, name: str, rows: IntArray) -> Column:
        attribute = self.mapping.attributes[name]
        spec = self.mapping.attribute_spec(name)
        cells = self.values.take(pa.array(rows))
        if attribute.type == "number" and not spec.aliases:
            numbers = read_numbers(cells, spec.empty, grouped=attribute.grouped)
            self._refuse(numbers.bad, rows, f"unreadable numbers of {name!r}", EXPECTED)
            return numbers.column
        if attribute.type == "date":
            formats = attribute.date_format or self.fields.date_format
            reader = DateReader(formats, self.fields.zone, spec.empty)
            moments, bad = reader.read(cells)
            expected = reader.expected(trimmed(cells).filter(pa.array(bad)))
            self._refuse(bad, rows, f"unreadable dates of {name!r}", expected)
            return dates_column(moments)
        column = cells_of(cells).column()
        return stored_column(column) if attribute.stored else column

    def _refuse(self, bad: BoolArray, rows: IntArray, what: str, expected: str) -> None:
        if bad.any():
            everywhere = np.zeros(self.fields.table.n_rows, dtype=np.bool_)
            everywhere[rows[bad]] = True
            column = self.mapping.history.value
            raise self.fields.table.problem(everywhere, column, what, expected)
