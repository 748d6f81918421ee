from pathlib import Path

import numpy as np
import pytest

from features.space import FeatureSpace
from models.bundle.read import read_bundle
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.parts import leads_of_part


@pytest.fixture(scope="module")
def export(simulated_export: Path, simulated_mapping: Path) -> Export:
    leads = simulated_export / "leads.csv"
    return read_export(leads, load_mapping(simulated_mapping), require_outcome=False)


@pytest.fixture(scope="module")
def space(trained_bundle: Path) -> FeatureSpace:
    return read_bundle(trained_bundle).manifest.space


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, 300), (517, 900)])
@pytest.mark.parametrize("days_before_end", [0, 200])
def test_a_part_has_the_features_that_its_leads_have_in_the_whole(
    export: Export, space: FeatureSpace, first: int, last: int, days_before_end: int
) -> None:
    rows = np.arange(first, last)
    as_of = np.full(len(rows), export.data_end - days_before_end * 86_400_000_000)
    activities = export.activities.take(rows)
    whole = space.build(export.leads(rows, as_of), activities)
    part = space.build(leads_of_part(export, rows, as_of), activities)
    assert part.values.tobytes() == whole.values.tobytes()
    assert np.array_equal(part.missing, whole.missing)


def test_a_part_holds_no_values_of_other_leads(export: Export) -> None:
    assert export.history is not None
    rows = np.arange(10, 30)
    leads = leads_of_part(export, rows, export.created_at[rows])
    most = max(len(column.values) for column in leads.attributes.values())
    assert most < 200 < max(len(column.values) for column in export.attributes.values())
