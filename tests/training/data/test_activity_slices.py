"""Promises of activities that are read some rows at a time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from features.activities.table import Activities
from features.errors import SchemaError
from features.moment import NEVER
from training.data.activity_file import Known, columns_of, read_activities
from training.data.export import Export
from training.data.fields import number_of_each
from training.data.files import ExportFiles
from training.data.mapping import ExportMapping, load_mapping
from training.data.notes import ActivityNotes
from training.data.read import read_export


@pytest.fixture(scope="module")
def mapping(simulated_mapping: Path) -> ExportMapping:
    return load_mapping(simulated_mapping)


@pytest.fixture(scope="module")
def export(simulated_export: Path, mapping: ExportMapping) -> Export:
    return read_export(simulated_export / "leads.csv", mapping)


def read(
    path: Path, mapping: ExportMapping, export: Export, n_rows: int
) -> tuple[Activities, ActivityNotes, int]:
    ids, lead = number_of_each(pa.array(export.lead_id))
    closed_at = np.full(len(ids), NEVER)
    closed_at[lead] = export.outcome_at
    files = ExportFiles(path / "leads.csv", mapping)
    assert files.activities is not None
    slices = files.slices(files.activities, columns_of(mapping.activities), (), n_rows)
    known = Known(ids[: len(ids) // 2], closed_at, export.data_end)
    return read_activities(slices, mapping.activities, known, np.arange(len(ids) // 2))


def test_slices_give_the_activities_of_the_whole_file(
    simulated_export: Path, mapping: ExportMapping, export: Export
) -> None:
    whole, notes, latest = read(simulated_export, mapping, export, 10**6)
    parts, counted, last = read(simulated_export, mapping, export, 999)
    assert (notes, latest) == (counted, last)
    assert notes.used > 1000 < notes.of_unknown_leads
    assert whole.kinds == parts.kinds
    for name in ("kind", "occurred_at", "recorded_at", "start", "stop"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


def test_a_date_that_cannot_be_read_is_found_in_any_slice(
    simulated_export: Path, mapping: ExportMapping, export: Export, tmp_path: Path
) -> None:
    lines = (simulated_export / "activities.csv").read_text("utf-8").splitlines()
    header = [name.strip('"') for name in lines[0].split(",")]
    day = header.index(mapping.activities.occurred_at)
    cells = lines[2500].split(",")
    cells[day] = "soon"
    lines[2500] = ",".join(cells)
    (tmp_path / "activities.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"read in at least 1 row .*line 2501"):
        read(tmp_path, mapping, export, 999)
    with pytest.raises(SchemaError, match=r"read in 1 row .*line 2501"):
        read(tmp_path, mapping, export, 10**6)
