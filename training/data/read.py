"""Reads a CRM export: files and mapping in, tables out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from features.activities.table import Activities, no_activities
from features.moment import NEVER
from training.data.activity_file import Known, columns_of, read_activities
from training.data.export import LOST, OPEN, WON, Export
from training.data.fields import Fields, number_of_each
from training.data.files import ExportFiles
from training.data.history import History
from training.data.history_file import read_history
from training.data.lead_file import LeadFile, LeadTable
from training.data.mapping import ExportMapping
from training.data.notes import ExportNotes
from training.data.outcome import OutcomeReader, Outcomes, no_outcomes
from training.errors import TooFewOutcomesError

SLICE_ROWS = 1 << 20
"""Activities that are read at a time, at least."""


def read_export(
    leads: Path,
    mapping: ExportMapping,
    *,
    activities: Path | None = None,
    history: Path | None = None,
    require_outcome: bool = True,
) -> Export:
    """Return an export as tables.

    Parameters
    ----------
    leads : Path
        CSV or Parquet file with a row per lead and episode.
    mapping : ExportMapping
        What its columns mean.
    activities, history : Path, optional
        Files to read instead of those that the mapping names.
    require_outcome : bool
        False for leads to be scored: outcomes may be absent, and nothing is left out.

    Raises
    ------
    SchemaError
        When a file cannot be used; the message names the file, the column, how many rows
        and the first lines.
    TooFewOutcomesError
        When all leads have the same outcome.
    """
    return read_files(ExportFiles(leads, mapping, activities, history, require_outcome))


def read_files(files: ExportFiles) -> Export:
    """Return an export, or some leads of it, as tables.

    Raises
    ------
    SchemaError, TooFewOutcomesError
        As `read_export`.
    """
    mapping = files.mapping
    table, notes = _leads(files)
    distinct, lead = number_of_each(table.lead_id)
    table = replace(table, lead=lead)
    data_end = table.data_end()
    acts, notes, latest = _activities(files, table, distinct, data_end, notes)
    usable = tuple(table.attributes)
    past, notes, changed = _history(files, distinct, usable, notes)
    if data_end != NEVER or not files.to_learn:
        data_end = max(data_end, latest, changed)
    segment = mapping.segment_about()
    columns = {name: getattr(table, name) for name in LeadTable.__dataclass_fields__}
    return Export(
        **{**columns, "lead_id": table.lead_id.to_pylist()},
        dataset=mapping.dataset,
        specs=tuple(mapping.attribute_spec(name) for name in usable),
        channel_spec=mapping.attribute_spec("channel"),
        source_spec=mapping.attribute_spec("source"),
        activity_spec=mapping.activity_spec(),
        activities=acts,
        history=past,
        data_end=data_end,
        notes=notes,
        fingerprint=files.fingerprint(),
        segment=segment if segment in (*usable, "source") else None,
    )


def _leads(files: ExportFiles) -> tuple[LeadTable, ExportNotes]:
    mapping = files.mapping
    fields = files.open(files.leads, None, mapping.leads.date_format)
    file = LeadFile(mapping, fields, files.to_learn, files.history is not None)
    ids, episode = file.ids()
    created_at = file.created_at()
    outcomes = _outcomes(files, fields, ids)
    keep = np.ones(len(episode), dtype=np.bool_)
    if files.to_learn and mapping.leads.created_at is not None:
        keep = created_at != NEVER
    table = file.table(ids, episode, created_at, outcomes).where(keep)
    if files.to_learn:
        _refuse_one_outcome(files, fields, table)
    early = (table.outcome_at != NEVER) & (table.outcome_at <= table.created_at)
    undated = (table.outcome == WON) & (table.outcome_at == NEVER)
    notes = replace(
        file.notes(_outcome_columns(mapping)),
        used_rows=len(table.episode),
        without_created_at=int((~keep).sum()),
        won_without_date=int(undated.sum()) if mapping.outcome.at else 0,
        outcome_before_creation=int(early.sum()),
        outcomes_of_unknown_leads=outcomes.of_unknown_leads,
    )
    return table, notes


def _outcome_columns(mapping: ExportMapping) -> set[str]:
    outcome = mapping.outcome
    if outcome.file is not None:
        return set()
    return {name for name in (outcome.column, outcome.at, outcome.value) if name is not None}


def _outcomes(files: ExportFiles, fields: Fields, ids: Any) -> Outcomes:
    outcome = files.mapping.outcome
    reader = OutcomeReader(outcome, files.mapping.leads.value, files.mapping.absent_columns_allowed)
    if not files.to_learn:
        there = files.outcome if outcome.file else outcome.column in fields.table.columns
        if not (files.to_judge and there):
            # Leads to be scored have no outcome yet, or it does not matter.
            return no_outcomes(fields.table.n_rows)
    if outcome.file is None:
        return reader.from_column(fields)
    assert files.outcome is not None, "learning needs the outcome file"
    second = files.open(files.outcome, None, files.mapping.leads.date_format)
    return reader.from_file(second, fields, ids, files.mapping.leads.lead_id)


def _refuse_one_outcome(files: ExportFiles, fields: Fields, table: LeadTable) -> None:
    won, lost, still_open = (int((table.outcome == kind).sum()) for kind in (WON, LOST, OPEN))
    # An open lead that is old enough was not won within the horizon, but that takes dates.
    others = lost if files.mapping.leads.created_at is None else lost + still_open
    if not won or not others:
        column = files.mapping.outcome.column
        where = files.mapping.outcome.file or f"{fields.table.name}, column {column!r}"
        raise TooFewOutcomesError(
            f"{where}: of {len(table.outcome)} leads {won} are won, {lost} lost and "
            f"{still_open} open; expected leads that were won and leads that were not"
        )


def _activities(
    files: ExportFiles, table: LeadTable, distinct: Any, data_end: int, notes: ExportNotes
) -> tuple[Activities, ExportNotes, int]:
    path, mapping = files.activities, files.mapping.activities
    if path is None:
        return no_activities(len(table.lead)), notes, NEVER
    # Each slice looks its leads up among all, so that there are to be few slices.
    n_rows = max(SLICE_ROWS, len(distinct))
    slices = files.slices(path, columns_of(mapping), mapping.date_format, n_rows)
    closed_at = table.closed_at(len(distinct))
    known = Known(distinct, closed_at, data_end if files.to_learn else NEVER)
    acts, counts, latest = read_activities(slices, mapping, known, table.lead)
    return acts, replace(notes, activities=counts), latest


def _history(
    files: ExportFiles, distinct: Any, usable: tuple[str, ...], notes: ExportNotes
) -> tuple[History | None, ExportNotes, int]:
    if files.history is None:
        return None, notes, NEVER
    mapping = files.mapping
    fields = files.open(files.history, None, mapping.history.date_format)
    if fields.table.n_rows == 0:  # some leads, none of which has a history
        return History({}), notes, NEVER
    past, counts, changed = read_history(fields, mapping, distinct, usable)
    return past, replace(notes, history=counts), changed
