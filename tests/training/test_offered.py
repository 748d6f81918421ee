"""What a fit on offered leads says, where it is known whom chance let through."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.arrays import FloatArray
from features.errors import SchemaError
from models.score.points import probability_of
from tests.conftest import FAST
from tests.training.rows import rows
from tests.training.test_sales import export, written  # noqa: F401
from training.card.sales import sales
from training.choose import UNCHOSEN
from training.config import TrainingConfig
from training.data.export import Export
from training.learners.blend import ChoiceLearner
from training.offered import SERVED, offered_fits
from training.offers import read_offers
from training.procedure import run_procedure
from training.split import Origin
from training.table import Table
from training.train import main

N, BEFORE, DRAWN = 12_000, 9_000, 0.1
CONFIG = TrainingConfig()


def selected(seed: int = 5) -> tuple[Table, FloatArray]:
    """Return leads, and how likely each was to be offered; NaN where it was not.

    Sales took those whose need they saw, which no feature tells and which makes them three times
    as likely to buy; of the others chance let one in ten through.
    """
    draw = np.random.default_rng(seed)
    table, z = rows(N, seed)
    need = draw.random(N) < 0.4
    won = draw.random(N) < probability_of(z + np.where(need, 1.0, -1.0))
    likely = np.where(need, 1.0, DRAWN)
    offers = np.where(draw.random(N) < likely, likely, np.nan)
    return replace(table, target=won.astype(np.float64)), offers


def fits(least: int = 40) -> tuple[dict[str, Any] | None, float]:
    """Return what is said, and the share of all later leads that was won."""
    table, offers = selected()
    every = np.arange(N)
    split = Origin(BEFORE, every[:BEFORE], every[BEFORE:], 0, 0)
    origins = [Origin(6000, every[:6000], every[6000:BEFORE], 0, 0)]
    config = replace(CONFIG, splitting=replace(CONFIG.splitting, least_outcomes=least))
    learner = ChoiceLearner(UNCHOSEN, config)
    procedure = run_procedure(learner, table, split.train, origins, config.calibrating)
    served = procedure.probability(table.take(split.judge))
    found = offered_fits(table, served, UNCHOSEN, split, origins, offers, config)
    return found, float(table.target[BEFORE:].mean())


def test_weights_recover_what_offered_leads_alone_get_wrong() -> None:
    found, truth = fits()
    assert found is not None
    expected = {name: one["expected_share"] for name, one in found["fits"].items()}
    assert abs(expected["weighted"] - truth) < 0.05
    assert expected["unweighted"] - truth > 0.1
    assert abs(found["won_share"] - truth) < 0.04
    loss = {name: one["log_loss"] for name, one in found["fits"].items()}
    assert loss["weighted"] < loss["unweighted"] - 0.03
    low, high = found["difference"]["interval"]
    assert low < found["difference"]["log_loss"] < high
    assert found["difference"]["log_loss"] == pytest.approx(loss["weighted"] - loss[SERVED])


def test_rare_draws_cost_what_the_effective_size_says() -> None:
    found, _ = fits()
    assert found is not None
    assert found["clipped"] == 0
    assert found["trained_effective"] < 0.8 * found["trained_rows"]
    assert found["judged"] > 1000


def test_too_few_offered_leads_give_no_fit() -> None:
    assert fits(least=5000)[0] is None


def test_offers_are_read_from_verdicts(tmp_path: Path, export: Export) -> None:  # noqa: F811
    found = read_offers(written(tmp_path), export)
    assert found is not None
    np.testing.assert_array_equal(found, [1.0, 1.0, 1.0, 1.0, 0.1, 0.01, np.nan, np.nan])
    path = written(tmp_path, "L-0,1,true,SQL,Referral,A1,80,label,0\n")
    with pytest.raises(SchemaError, match="propensity"):
        read_offers(path, export)


def store_like(folder: Path, simulated: Path, mapping: Path) -> list[str]:
    """Write the verdicts of sales beside an export; return the command's arguments."""
    lines = list(csv.DictReader((simulated / "leads.csv").read_text("utf-8").splitlines()))
    draw = np.random.default_rng(1)
    said = [f"{one['lead_id']},1,true,label,{draw.choice((1.0, 0.2))}" for one in lines[::2]]
    head = "lead_id,episode,accepted,offered,propensity,label,channel,grade,score"
    body = [f"{one},MQL,,A1,50" for one in said]
    for name in ("leads.csv", "activities.csv", "history.csv"):
        if (simulated / name).exists():
            (folder / name).symlink_to(simulated / name)
    (folder / "feedback.csv").write_text("\n".join([head, *body]), encoding="utf-8")
    text = mapping.read_text(encoding="utf-8").replace(
        "[files]", '[files]\nfeedback = "feedback.csv"'
    )
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    found = ["--leads", str(folder / "leads.csv"), "--mapping", str(folder / "mapping.toml")]
    found += ["--out", str(folder / "out"), "--no-register", "--quiet"]
    return [*found, *(f"--set={one}" for one in (*FAST, "selection.fit_offered=true"))]


@pytest.mark.prove
def test_a_training_tells_both_fits_and_serves_the_one_on_all_leads(
    tmp_path: Path, simulated_export: Path, simulated_mapping: Path, trained: Path
) -> None:
    assert main(store_like(tmp_path, simulated_export, simulated_mapping)) == 0
    page = "".join(one.read_text(encoding="utf-8") for one in (tmp_path / "out").glob("*.md"))
    assert "a fit on offered leads alone" in page
    model = (tmp_path / "out" / "bundle" / "model.txt").read_text(encoding="utf-8")
    assert model == (trained / "bundle" / "model.txt").read_text(encoding="utf-8")


def test_a_fit_on_offered_leads_needs_to_know_them(
    simulated_export: Path, simulated_mapping: Path, tmp_path: Path, capsys: Any
) -> None:
    arguments = ["--leads", str(simulated_export / "leads.csv"), "--out", str(tmp_path)]
    arguments += ["--mapping", str(simulated_mapping), "--no-register", "--quiet"]
    assert main([*arguments, "--set=selection.fit_offered=true"]) != 0
    assert "expected a feedback file" in capsys.readouterr().err


def test_the_card_tells_both() -> None:
    found, _ = fits()
    told = {"acceptance": {}, "agreement": {"roc_auc": None}, "exploration": None}
    report: dict[str, Any] = {
        "sales": told | {"losses": {"hardly_worked": None}},
        "config": {"selection": {"fit_offered": True}},
        "offered_fit": found,
    }
    [section] = sales(report)
    assert "each counted with 1 / propensity" in str(section.blocks[-1])
    [section] = sales(report | {"offered_fit": None})
    assert "Too few leads" in str(section.blocks[-1])
