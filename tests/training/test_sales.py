"""What sales said equals what is counted by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.explain.evidence import wilson_interval
from training.card.sales import sales
from training.data.export import LOST, OPEN, WON, Export
from training.data.mapping import ExportMapping
from training.data.read import read_export
from training.sales import sales_report

HEAD = "lead_id,episode,accepted,label,channel,grade,score,offered,propensity\n"
ROWS = (
    "L-0,1,true,SQL,Referral,A1,80,label,1.0\n"
    "L-1,1,true,MQL,Referral,A2,60,label,1.0\n"
    "L-2,1,false,MQL,LinkedIn,B3,20,label,1.0\n"
    "L-3,1,false,MQL,,B3,90,label,1.0\n"
    "L-4,1,true,nurture,Referral,C4,10,exploration,0.1\n"
    "L-5,1,false,nurture,Referral,C4,11,exploration,0.01\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    leads = tmp_path / "leads.csv"
    lines = ["lead_id,outcome,attempts"]
    lines += [f"L-{n},{'won' if n in (0, 4) else 'lost'},{n}" for n in range(8)]
    leads.write_text("\n".join(lines), encoding="utf-8")
    mapping = ExportMapping.model_validate(
        {
            "dataset": "mine",
            "leads": {"lead_id": "lead_id", "attempts": "attempts"},
            "outcome": {"column": "outcome", "won": ["won"], "lost": ["lost"]},
        }
    )
    return read_export(leads, mapping)


def written(folder: Path, rows: str = ROWS) -> Path:
    path = folder / "feedback.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_acceptance_is_counted_by_label_channel_and_grade(tmp_path: Path, export: Export) -> None:
    found = sales_report(written(tmp_path), export)
    by_label = {one["name"]: (one["accepted"], one["n"]) for one in found["acceptance"]["label"]}
    assert by_label == {"MQL": (1, 3), "nurture": (1, 2), "SQL": (1, 1)}
    low, high = wilson_interval(np.array([1]), np.array([3]))
    assert found["acceptance"]["label"][0]["interval"] == [low[0], high[0]]
    assert {one["name"] for one in found["acceptance"]["channel"]} == {"Referral", "LinkedIn", None}


def test_the_score_could_have_known_low_rejections(tmp_path: Path, export: Export) -> None:
    found = sales_report(written(tmp_path), export)["agreement"]
    # accepted: 80, 60, 10; a quarter of the way is 35; rejected: 20, 90, 11
    assert (found["rejected"], found["could_have_known"]) == (3, 2)
    assert found["roc_auc"] == pytest.approx(4 / 9)  # pairs in which the accepted one is higher


def test_draws_count_by_how_rare_they_were(tmp_path: Path, export: Export) -> None:
    found = sales_report(written(tmp_path), export)["exploration"]
    weights = np.array([1, 1, 1, 1, 10, 20])  # the last one clipped from 100
    won = np.array([1, 0, 0, 0, 1, 0])
    assert (found["offered"], found["drawn"], found["clipped"]) == (6, 2, 1)
    assert found["weighted_won_share"] == pytest.approx((won * weights).sum() / weights.sum())
    assert found["effective_leads"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    opened = replace(export, outcome=np.full(8, OPEN, dtype=export.outcome.dtype))
    assert sales_report(written(tmp_path), opened)["exploration"] is None


def test_hardly_worked_losses_stand_apart(tmp_path: Path, export: Export) -> None:
    found = sales_report(written(tmp_path), export)["losses"]
    assert (found["lost"], found["hardly_worked"]) == (6, 1)  # L-1; L-0 was won
    assert set(export.outcome.tolist()) == {WON, LOST}


def test_the_card_tells_it(tmp_path: Path, export: Export) -> None:
    [section] = sales({"sales": sales_report(written(tmp_path), export)})
    assert section.title == "What sales said"
    said = " ".join(str(block) for block in section.blocks)
    assert "Of 3 rejected leads 2 scored below" in said
    assert "2 of 6 closed leads that were offered" in said
    assert "Of 6 lost leads 1 were hardly worked" in said
    assert list(sales({})) == []
