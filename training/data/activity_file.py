"""Reads the activities of an export, and keeps out what must not be seen."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc

from features.activities.table import Activities
from features.arrays import BoolArray, CodeArray, IntArray, MomentArray
from features.moment import NEVER
from training.data.fields import Fields, words_of
from training.data.mapping import ActivityColumns
from training.data.notes import ActivityNotes


class Known(NamedTuple):
    """What the leads file says about each distinct lead.

    Parameters
    ----------
    ids : pyarrow.Array
        The distinct `lead_id`s.
    closed_at : array of shape (n_distinct,)
        When the last episode was won or lost, `NEVER` while open or where unknown.
    data_end : int
        Latest moment of any lead; activities after it and after the last record are in the
        future. `NEVER` where that is not to be judged.
    """

    ids: Any
    closed_at: MomentArray
    data_end: int


class Rows(NamedTuple):
    """Activities before they are sorted."""

    lead: IntArray
    kind: CodeArray
    occurred_at: MomentArray
    recorded_at: MomentArray

    def where(self, keep: BoolArray) -> "Rows":
        """Return those to keep."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def take(self, rows: IntArray) -> "Rows":
        """Return the given rows, in their order."""
        return Rows(
            self.lead[rows], self.kind[rows], self.occurred_at[rows], self.recorded_at[rows]
        )


def columns_of(mapping: ActivityColumns) -> set[str]:
    """Return the columns of the activities file that are read."""
    names = (mapping.lead_id, mapping.kind, mapping.occurred_at)
    return {*names, *filter(None, (mapping.recorded_at, mapping.actor))}


def read_activities(
    fields: Fields, mapping: ActivityColumns, known: Known, row_lead: IntArray
) -> tuple[Activities, ActivityNotes, int]:
    """Return the activities, what was left out, and the latest moment in them.

    Parameters
    ----------
    row_lead : array of shape (n_rows,)
        For each row of the leads table, its position among the distinct leads; episodes
        of a lead point to the same activities.

    Raises
    ------
    SchemaError
        When a column is missing or a date cannot be read.
    """
    table = fields.table
    lead = _leads(fields, mapping, known)
    names, kind, occurred, recorded, staff = _told(fields, mapping)
    rows = Rows(lead, kind, occurred, np.where(recorded == NEVER, occurred, recorded))
    nothing = ~staff & ((occurred == NEVER) | (kind < 0))
    unknown = ~staff & ~nothing & (lead < 0)
    left = ~staff & ~nothing & ~unknown
    closed_at = known.closed_at[np.maximum(lead, 0)]
    after = left & (closed_at != NEVER) & (occurred > closed_at)
    end = NEVER if known.data_end == NEVER else max(known.data_end, int(recorded.max()))
    future = left & ~after & (end != NEVER) & (occurred > end)
    kept = rows.where(left & ~after & ~future)
    notes = ActivityNotes(
        rows=table.n_rows,
        used=len(kept.lead),
        by_staff=int(staff.sum()),
        of_unknown_leads=int(unknown.sum()),
        without_date_or_kind=int(nothing.sum()),
        after_outcome=int(after.sum()),
        in_future=int(future.sum()),
    )
    latest = int(kept.recorded_at.max()) if len(kept.lead) else NEVER
    return _sorted(kept, names, len(known.ids), row_lead), notes, latest


def latest_recorded(fields: Fields, mapping: ActivityColumns, of_leads: BoolArray) -> int:
    """Return the latest moment at which an activity of a lead became known.

    Parameters
    ----------
    of_leads : array of shape (n_rows,)
        Which rows are of leads in the leads file; activities by staff do not count.

    Raises
    ------
    SchemaError
        When a column is missing or a date cannot be read.
    """
    _, kind, occurred, recorded, staff = _told(fields, mapping)
    used = of_leads & ~staff & (occurred != NEVER) & (kind >= 0)
    known_at = np.where(recorded == NEVER, occurred, recorded)[used]
    return int(known_at.max()) if len(known_at) else NEVER


class _Told(NamedTuple):
    """What each row says: kinds by name, moments, and whether our own staff did it."""

    names: tuple[str, ...]
    kind: CodeArray
    occurred: MomentArray
    recorded: MomentArray
    staff: BoolArray


def _told(fields: Fields, mapping: ActivityColumns) -> _Told:
    names, kind = _kinds(fields, mapping)
    occurred = fields.moments(
        mapping.occurred_at, "activities.occurred_at", formats=mapping.date_format
    )
    recorded = _recorded(fields, mapping, occurred)
    return _Told(names, kind, occurred, recorded, _by_staff(fields, mapping, names, kind))


def _leads(fields: Fields, mapping: ActivityColumns, known: Known) -> IntArray:
    ids = fields.links(mapping.lead_id, "activities.lead_id")
    found = pc.fill_null(pc.index_in(ids, value_set=known.ids), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _kinds(fields: Fields, mapping: ActivityColumns) -> tuple[tuple[str, ...], CodeArray]:
    """Return the kinds in alphabetical order, and each row's; -1 where it has none."""
    raw = fields.raw(mapping.kind, "activities.kind")
    texts = ["" if value is None else str(value).strip() for value in raw.values]
    names = tuple(sorted(set(texts) - {""}))
    position = {name: code for code, name in enumerate(names)}
    codes = np.array([position.get(text, -1) for text in texts], dtype=np.int32)
    return names, codes[raw.codes]


def _recorded(fields: Fields, mapping: ActivityColumns, occurred: MomentArray) -> MomentArray:
    """Return when each activity was recorded, `NEVER` where that is not known."""
    if mapping.recorded_at is None:
        return np.full(len(occurred), NEVER, dtype=np.int64)
    formats = mapping.date_format
    return fields.moments(mapping.recorded_at, "activities.recorded_at", formats=formats)


def _by_staff(
    fields: Fields, mapping: ActivityColumns, names: tuple[str, ...], kind: CodeArray
) -> BoolArray:
    staff_kinds = {word.strip().casefold() for word in mapping.staff_kinds}
    is_staff = np.array([*(name.casefold() in staff_kinds for name in names), False])
    staff = is_staff[kind]
    if mapping.actor is not None and mapping.staff_actors:
        actors = {word.strip().casefold() for word in mapping.staff_actors}
        words, codes = words_of(fields.table.column(mapping.actor, "activities.actor"))
        staff |= np.array([word in actors for word in words], dtype=np.bool_)[codes]
    return staff


def _sorted(rows: Rows, names: tuple[str, ...], n_leads: int, row_lead: IntArray) -> Activities:
    rows = rows.take(np.lexsort((rows.kind, rows.occurred_at, rows.lead)))
    bounds = np.searchsorted(rows.lead, np.arange(n_leads + 1))
    return Activities(
        names,
        rows.kind,
        rows.occurred_at,
        rows.recorded_at,
        bounds[:-1][row_lead],
        bounds[1:][row_lead],
    )
