"""Reads the activities of an export, and keeps out what must not be seen."""

from collections import Counter
from collections.abc import Iterable, Mapping
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
    """Activities before they are sorted; `recorded_at` may be the same array as `occurred_at`."""

    lead: IntArray
    kind: CodeArray
    occurred_at: MomentArray
    recorded_at: MomentArray

    def where(self, keep: BoolArray) -> "Rows":
        """Return those to keep."""
        return self if keep.all() else self.take(np.flatnonzero(keep))

    def take(self, rows: IntArray) -> "Rows":
        """Return the given rows, in their order."""
        occurred = self.occurred_at[rows]
        at_once = self.recorded_at is self.occurred_at
        recorded = occurred if at_once else self.recorded_at[rows]
        return Rows(self.lead[rows], self.kind[rows], occurred, recorded)


def columns_of(mapping: ActivityColumns) -> set[str]:
    """Return the columns of the activities file that are read."""
    names = (mapping.lead_id, mapping.kind, mapping.occurred_at)
    return {*names, *filter(None, (mapping.recorded_at, mapping.actor))}


def read_activities(
    slices: Iterable[Fields], mapping: ActivityColumns, known: Known, row_lead: IntArray
) -> tuple[Activities, ActivityNotes, int]:
    """Return the activities, what was left out, and the latest moment in them.

    Parameters
    ----------
    slices : iterable of Fields
        The rows of the file, some at a time: of what was read only numbers are kept.
    row_lead : array of shape (n_rows,)
        For each row of the leads table, its position among the distinct leads; episodes
        of a lead point to the same activities.

    Raises
    ------
    SchemaError
        When a column is missing or a date cannot be read.
    """
    code_of: dict[str, int] = {}
    parts: list[Rows] = []
    counts = Counter[str]()
    last = NEVER
    for fields in slices:
        part, latest = _usable(fields, mapping, known, code_of, counts)
        parts.append(part)
        last = max(last, latest)
    rows = _together(parts)
    future = np.zeros(len(rows.lead), dtype=np.bool_)
    if known.data_end != NEVER:
        future = rows.occurred_at > max(known.data_end, last)
    kept = rows.where(~future)
    notes = ActivityNotes(**counts, used=len(kept.lead), in_future=int(future.sum()))
    latest = int(kept.recorded_at.max()) if len(kept.lead) else NEVER
    return _sorted(kept, code_of, len(known.ids), row_lead), notes, latest


def _usable(
    fields: Fields,
    mapping: ActivityColumns,
    known: Known,
    code_of: dict[str, int],
    counts: Counter[str],
) -> tuple[Rows, int]:
    """Return the rows to keep unless they are in the future, and when the last was recorded.

    New kinds are given the next codes; what is left out is counted.
    """
    lead = _leads(fields, mapping, known)
    names, kind, occurred, recorded, staff = _told(fields, mapping)
    codes = np.array([*(code_of.setdefault(n, len(code_of)) for n in names), -1], dtype=np.int32)
    known_at = occurred
    if mapping.recorded_at is not None:
        known_at = np.where(recorded == NEVER, occurred, recorded)
    rows = Rows(lead.astype(np.int32), codes[kind], occurred, known_at)
    nothing = ~staff & ((occurred == NEVER) | (kind < 0))
    unknown = ~staff & ~nothing & (lead < 0)
    left = ~staff & ~nothing & ~unknown
    closed_at = known.closed_at[np.maximum(lead, 0)]
    after = left & (closed_at != NEVER) & (occurred > closed_at)
    counts.update(
        rows=fields.table.n_rows,
        by_staff=int(staff.sum()),
        of_unknown_leads=int(unknown.sum()),
        without_date_or_kind=int(nothing.sum()),
        after_outcome=int(after.sum()),
    )
    return rows.where(left & ~after), int(recorded.max(initial=NEVER))


def _together(parts: list[Rows]) -> Rows:
    """Return the rows of all parts; the list is emptied, so that no part stays in memory."""
    at_once = all(part.recorded_at is part.occurred_at for part in parts)
    columns = [list(column) for column in zip(*parts, strict=True)]
    parts.clear()
    if at_once:
        columns.pop()
    found = []
    while columns:
        found.append(np.concatenate(columns.pop(0)))
    return Rows(*found, *found[2:3]) if at_once else Rows(*found)


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


def _sorted(rows: Rows, code_of: Mapping[str, int], n_leads: int, row_lead: IntArray) -> Activities:
    names = tuple(sorted(code_of))
    code = np.zeros(len(names), dtype=np.int32)
    code[[code_of[name] for name in names]] = np.arange(len(names))
    rows = rows._replace(kind=code[rows.kind])
    rows = rows.take(np.lexsort((rows.kind, rows.occurred_at, rows.lead)))
    bounds = np.searchsorted(rows.lead, np.arange(n_leads + 1, dtype=np.int32))
    return Activities(
        names,
        rows.kind,
        rows.occurred_at,
        rows.recorded_at,
        bounds[:-1][row_lead],
        bounds[1:][row_lead],
    )
