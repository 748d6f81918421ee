"""Tables for analysts say what a hand calculation says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import SchemaError
from models.agreement.agreement import LABELS, default_agreement
from models.scorer import Scorer
from tests.factories import make_bundle
from training.agreement.effect import effect_of
from training.analysis.along import along_lines, label_table
from training.analysis.calibration import calibration_by, reliability, stability
from training.analysis.channels import channel_months, channel_table
from training.analysis.importance import importances, importances_by, interactions, segment_name
from training.analysis.lead import changes, contribution_table, ledger_table, similar_leads
from training.analysis.loaded import LoadedModel, load_model


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    """Return a fitted model."""
    return LoadedModel("factory 1", Scorer(make_bundle(n_leads=800, n_attributes=6)))


@pytest.fixture
def leads() -> pd.DataFrame:
    """Return a hundred leads of two channels, half of them mature."""
    web = pd.DataFrame({"channel": "web", "won": [True] * 10 + [False] * 30})
    fair = pd.DataFrame({"channel": "fair", "won": [True] * 5 + [False] * 5})
    told = pd.concat([web, fair], ignore_index=True)
    old = told.assign(mature=True, created_at=pd.to_datetime("2026-02-10", utc=True))
    young = told.assign(mature=False, created_at=pd.to_datetime("2026-05-10", utc=True))
    every = pd.concat([old, young], ignore_index=True)
    return every.assign(days=20.0, value=1000.0)


def test_channels_count_mature_leads_alone(leads: pd.DataFrame) -> None:
    table = channel_table(leads).set_index("channel")
    assert list(table.loc["web", ["leads", "won", "share"]]) == [40, 10, 0.25]
    assert list(table.loc["fair", ["leads", "won", "share"]]) == [10, 5, 0.5]
    assert (table["low"] < table["share"]).all()
    assert (table["share"] < table["high"]).all()
    assert list(table.index) == ["web", "fair"]


def test_a_small_channel_is_shrunk_more_towards_the_whole(leads: pd.DataFrame) -> None:
    table = channel_table(leads).set_index("channel")
    base = 15 / 50
    kept = (table["shrunk"] - base) / (table["share"] - base)
    assert 0.0 <= kept["fair"] < kept["web"] < 1.0


def test_periods_add_up(leads: pd.DataFrame) -> None:
    table = channel_months(leads)
    assert table["leads"].sum() == 50
    assert table.groupby("since")["part"].sum().round(9).tolist() == [1.0]


def test_tenths_hold_what_was_predicted_and_came_true() -> None:
    predicted = pd.DataFrame(
        {"probability": np.repeat([0.1, 0.9], 50), "won": [True] * 5 + [False] * 50 + [True] * 45}
    )
    table = reliability(predicted, bins=2)
    assert table["predicted"].round(9).tolist() == [0.1, 0.9]
    assert table["share"].tolist() == [0.1, 0.9]
    by = calibration_by(predicted.assign(channel="web"), "channel")
    assert by["expected"].tolist() == [50.0]
    assert by["ratio"].tolist() == [1.0]


def test_stability_is_zero_for_the_same_and_about_chance_for_alike_leads() -> None:
    rng = np.random.default_rng(0)
    alike = [
        stability(pd.Series(rng.normal(size=400)), pd.Series(rng.normal(size=400)))
        for _ in range(200)
    ]
    assert np.mean(alike) == pytest.approx(9 * 2 / 400, rel=0.15)
    assert stability(pd.Series(range(50)), pd.Series(range(50))) == 0.0


def test_what_the_model_does_not_use_matters_nothing(model: LoadedModel) -> None:
    table = importances(model)
    unused = table[(table["gain"] == 0.0) & (table["mean_points"] == 0.0)]
    assert (unused["loss_increase"] == 0.0).all()
    used = table.iloc[0]
    assert used["loss_increase"] > 0.0
    assert used["low"] < used["loss_increase"] < used["high"]
    again = importances(model)
    pd.testing.assert_frame_equal(table, again)


def test_a_stump_model_has_no_interactions() -> None:
    stumps = LoadedModel("stumps", Scorer(make_bundle(n_leads=600, n_attributes=4, leaves=2)))
    assert interactions(stumps)["points"].max() == pytest.approx(0.0, abs=1e-9)


def test_deeper_trees_have_some(model: LoadedModel) -> None:
    assert interactions(model)["points"].iloc[0] > 0.0


def test_each_channel_of_the_leads_has_a_column(model: LoadedModel) -> None:
    table = importances_by(model, "channel", most=3)
    channels = {one or "not known" for one in model.reference.channel}
    assert (len(table), set(table.columns)) == (3, channels)


def test_a_segment_is_an_attribute_of_the_model(model: LoadedModel) -> None:
    name = segment_name(model)
    table = importances_by(model, name, most=2, most_groups=4)
    assert table.shape[0] == 2
    assert 1 <= table.shape[1] <= 4
    assert segment_name(model, "source") == "source"
    with pytest.raises(SchemaError, match="nothing: the model knows no such attribute"):
        importances_by(model, "nothing")


def test_lines_take_more_leads_and_wins_as_they_fall(model: LoadedModel) -> None:
    rng = np.random.default_rng(1)
    probability = rng.random(500)
    seen = pd.DataFrame({"probability": probability, "won": rng.random(500) < probability})
    seen = seen.assign(slice=2, created_at=None)
    table = along_lines(model, seen, steps=10)
    assert table["taken"].tolist() == pytest.approx([i / 10 for i in range(1, 11)])
    assert table["recall"].is_monotonic_increasing
    assert table["recall"].iloc[-1] == 1.0
    assert table["precision"].iloc[-1] == seen["won"].mean()
    assert table["leads_per_week"].isna().all()


def test_labels_share_out_all_leads_and_wins(trained_bundle: Path) -> None:
    bundle = load_model(str(trained_bundle)).scorer.bundle
    agreement = default_agreement(bundle.manifest.dataset, bundle.manifest.anchor)
    effect = effect_of(agreement, None, bundle, None)
    table = label_table(effect.test.new)
    assert set(table["label"]) == set(LABELS)
    assert (table["won"].dropna() <= 1.0).all()
    assert table["recall"].sum() > 0.0


def test_a_lead_s_ledger_adds_up_to_its_score(model: LoadedModel) -> None:
    lead = model.reference.take(np.array([3]))
    [score] = model.scorer.score(lead.leads, lead.activities).score
    ledger = ledger_table(model, lead)
    assert round(ledger["sum"].iloc[-1]) == pytest.approx(score, abs=1)
    assert len(contribution_table(model, lead)) == len(model.scorer.space.abouts)


def test_the_nearest_lead_is_not_the_lead_itself(model: LoadedModel) -> None:
    lead = model.reference.take(np.array([3]))
    table = similar_leads(model, lead, most=5)
    assert len(table) == 5
    assert 3 not in table["row"].tolist()
    assert table["distance"].is_monotonic_increasing


def test_other_values_give_the_score_that_scoring_them_gives(model: LoadedModel) -> None:
    lead = model.reference.take(np.array([3]))
    table = changes(model, lead)
    [now] = model.scorer.score(lead.leads, lead.activities).probability
    odds = table["probability"] / (1 - table["probability"]) / (now / (1 - now))
    assert np.allclose(table["difference"], 10 * np.log2(odds))
    assert (table["difference"] != 0).all()


def test_a_model_is_found_by_folder(trained_bundle: Path) -> None:
    assert load_model(str(trained_bundle)).scorer.manifest.dataset == "simulated"
