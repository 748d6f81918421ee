"""Rejections teach what scores do not tell, and nothing where they follow the scores."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.analysis.loaded import LoadedModel, load_export, load_model
from training.analysis.rejected import load_verdicts, rejected_by

COLUMNS = ("lead_id", "episode", "accepted", "code", "score", "label", "grade", "channel")


@pytest.fixture
def model(trained_bundle: Path) -> LoadedModel:
    """Return a trained model."""
    return load_model(str(trained_bundle))


def export_with(
    folder: Path, leads: Path, mapping: Path, *, refused: str | None, seed: int = 3
) -> Path:
    """Write an export whose sales accept by score; leads of one channel are mostly refused."""
    folder.mkdir()
    for name in ("leads.csv", "activities.csv", "history.csv"):
        (folder / name).write_bytes((leads / name).read_bytes())
    (folder / "mapping.toml").write_bytes(mapping.read_bytes())
    export = load_export(str(folder / "leads.csv"), str(mapping))
    rng = np.random.default_rng(seed)
    score = rng.integers(20, 90, len(export.lead_id))
    chance = score / 100.0
    if refused is not None:
        chance = np.where([one == refused for one in export.channel.rows()], chance / 4.0, chance)
    accepted = rng.random(len(score)) < chance
    with (folder / "feedback.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row, lead in enumerate(export.lead_id):
            code = "" if accepted[row] else "no_need"
            told = (lead, export.episode[row], bool(accepted[row]), code, score[row])
            writer.writerow([*told, "MQL", "A2", ""])
        writer.writerow(["nobody", 1, True, "", 50, "MQL", "A2", ""])
    return folder


def test_a_channel_that_sales_refuses_whatever_the_score_stands_first(
    model: LoadedModel, simulated_export: Path, simulated_mapping: Path, tmp_path: Path
) -> None:
    first = load_export(str(simulated_export / "leads.csv"), str(simulated_mapping))
    largest = pd.Series(first.channel.rows()).value_counts().index[0]
    folder = export_with(
        tmp_path / "store", simulated_export, simulated_mapping, refused=str(largest)
    )
    table = rejected_by(model, *load_verdicts(folder))
    top = table.iloc[0]
    assert (top["about"], top["value"], top["sure"]) == ("channel", largest, True)
    assert top["accepted"] < top["low"] + 0.2
    assert top["high"] < top["expected"]


def test_rejections_that_follow_the_score_teach_nothing(
    model: LoadedModel, simulated_export: Path, simulated_mapping: Path, tmp_path: Path
) -> None:
    folder = export_with(tmp_path / "store", simulated_export, simulated_mapping, refused=None)
    export, verdicts = load_verdicts(folder)
    assert len(verdicts) == len(export.lead_id)
    assert not rejected_by(model, export, verdicts)["sure"].any()


def test_without_verdicts_there_is_nothing_to_learn(
    model: LoadedModel, simulated_export: Path, simulated_mapping: Path, tmp_path: Path
) -> None:
    folder = export_with(tmp_path / "store", simulated_export, simulated_mapping, refused=None)
    (folder / "feedback.csv").write_text(",".join(COLUMNS) + "\n")
    assert rejected_by(model, *load_verdicts(folder)).empty
