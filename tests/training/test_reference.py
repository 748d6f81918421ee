"""Promises of the past leads that a bundle carries."""

import re
from pathlib import Path

import numpy as np
import pytest

from models.bundle.read import read_bundle
from models.bundle.reference import CALIBRATION, SLICES, TEST, TRAINING, ReferenceLeads
from tests.conftest import FAST
from training.config_file import load_config
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.learn import learn
from training.progress import Progress
from training.reference import drawn, reference_leads, stored_leads
from training.snapshots import take_snapshots
from training.table import build_table, course_of, fit_space


@pytest.fixture(scope="module")
def export(simulated_export: Path, simulated_mapping: Path) -> Export:
    return read_export(simulated_export / "leads.csv", load_mapping(simulated_mapping))


@pytest.fixture(scope="module")
def reference(trained_bundle: Path) -> ReferenceLeads:
    return read_bundle(trained_bundle).reference


def test_stored_leads_give_the_same_numbers_as_the_leads_themselves(export: Export) -> None:
    snapshots, _ = take_snapshots(course_of(export), 90, (0, 14))
    snapshots = snapshots.take(np.arange(0, snapshots.n_rows, 7))
    space = fit_space(export, snapshots)
    table = build_table(export, snapshots, space, (0, 14))
    stored = stored_leads(export, snapshots, space)
    built = space.build(stored, export.activities.take(snapshots.lead)).values
    assert np.array_equal(built, table.X, equal_nan=True)


def test_activities_that_are_carried_give_the_same_numbers(
    reference: ReferenceLeads, trained_bundle: Path, export: Export
) -> None:
    space = read_bundle(trained_bundle).manifest.space
    total = next(i for i, f in enumerate(space.features) if f.name == "activity.total")
    carried = reference.features(space)[:, total]
    created = {moment: row for row, moment in enumerate(export.created_at.tolist())}
    rows = np.array([created[moment] for moment in reference.leads.created_at.tolist()])
    leads = export.leads(rows, reference.leads.as_of)
    wanted = space.build(leads, export.activities.take(rows)).values[:, total]
    assert carried.sum() > 0
    assert np.array_equal(carried, wanted)


def test_only_leads_that_no_model_saw_are_predicted(reference: ReferenceLeads) -> None:
    unknown = np.isnan(reference.probability)
    assert np.array_equal(unknown, reference.slice_of == TRAINING)
    assert unknown.any()


def test_slices_follow_each_other_in_time(reference: ReferenceLeads) -> None:
    created = reference.leads.created_at
    for older, newer in ((TRAINING, CALIBRATION), (CALIBRATION, TEST)):
        assert created[reference.slice_of == older].max() <= (
            created[reference.slice_of == newer].min()
        )
    window = reference.windows["calibration"]
    own = reference.of_slice(CALIBRATION)
    assert own.n_leads == window.leads
    assert (own.leads.created_at.min(), own.leads.created_at.max()) == (window.first, window.last)


def test_rows_of_a_lead_stand_together_by_time(reference: ReferenceLeads) -> None:
    assert (np.diff(reference.lead) >= 0).all()
    same = np.diff(reference.lead) == 0
    assert same.any()
    assert (np.diff(reference.leads.as_of)[same] > 0).all()
    assert np.array_equal(~reference.at_creation[1:], same)


def test_no_id_address_or_text_is_carried(trained_bundle: Path, simulated_export: Path) -> None:
    ids = re.compile(r"\b[LAC]-\d{4,}\b")
    assert ids.search((simulated_export / "leads.csv").read_text("utf-8"))
    values = (trained_bundle / "reference" / "values.json").read_text("utf-8")
    assert not ids.search(values)
    assert "@" not in values


@pytest.mark.parametrize("most", [30, 80, 1000])
def test_leads_that_are_left_out_are_stood_for_by_others(most: int) -> None:
    lead = np.repeat(np.arange(100), 2)
    slice_of = np.where(lead < 40, TRAINING, np.where(lead < 70, CALIBRATION, TEST))
    kept, weight = drawn(lead, slice_of.astype(np.int32), most, 1)
    assert np.array_equal(kept[::2], kept[1::2])
    assert kept.sum() // 2 == min(most, 100)
    teaching = slice_of[kept] == TRAINING
    assert weight[teaching].sum() == pytest.approx(80)
    assert weight[~teaching].sum() == pytest.approx(120)


@pytest.mark.prove
def test_leads_that_were_not_learned_from_are_stood_for_too(
    simulated_export: Path, simulated_mapping: Path, export: Export
) -> None:
    mapping = load_mapping(simulated_mapping)
    settings = [*FAST, "splitting.most_leads=1200", "choosing.tree_weights=[]"]
    learned = learn(export, mapping, load_config(None, settings), Progress(None, lambda: 0.0))
    reference = reference_leads(learned, export, 10_000, 1)
    for number in (CALIBRATION, TEST):
        own = reference.of_slice(number)
        window = reference.windows[SLICES[number]]
        created = export.created_at
        came = ((created >= window.first) & (created <= window.last)).sum()
        assert window.leads == came > 1.3 * own.n_leads
        assert own.weight[own.at_creation].sum() == pytest.approx(came)
