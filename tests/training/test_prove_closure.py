import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.config import TrainingConfig
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.evaluate.metrics import Predictions, all_metrics, row_log_loss
from training.progress import silent
from training.simulate import main as simulate
from training.snapshots import take_snapshots
from training.table import course_of
from training.trial import run_trial

MAPPING = Path(__file__).parents[2] / "training" / "mappings" / "simulated.toml"
SEEDS = (1, 2, 3, 4, 5)
LEADS = 50_000


def measure(folder: Path, seed: int) -> dict[str, float]:
    """Return how far the model stays behind the oracle on test leads at creation."""
    arguments = ["--out", str(folder), "--leads", str(LEADS), "--seed", str(seed), "--no-drift"]
    simulate([*arguments, "--format", "parquet"])
    mapping = load_mapping(MAPPING)
    export = read_export(
        folder / "leads.parquet",
        mapping,
        activities=folder / "activities.parquet",
        history=folder / "history.parquet",
    )
    snapshots, _ = take_snapshots(course_of(export), mapping.horizon_days, mapping.snapshot_days)
    trial = run_trial(export, snapshots, mapping.snapshot_days, TrainingConfig(), silent())
    first = snapshots.take(trial.split.judge)
    first = first.take(first.at_creation)
    judged = trial.judged.take(trial.judged.at_creation)
    oracle = pd.read_parquet(folder / "oracle.parquet")
    known = oracle[oracle.snapshot_day == 0].set_index(["lead_id", "episode"]).probability
    ids = [export.lead_id[lead] for lead in first.lead.tolist()]
    best = known.loc[list(zip(ids, export.episode[first.lead].tolist(), strict=True))].to_numpy()
    target = judged.target
    ours, base, least = (
        row_log_loss(probability, target).mean()
        for probability in (judged.probability["model"], judged.probability["base_rate"], best)
    )
    found = all_metrics(Predictions.of(judged.probability["model"], target))
    return {
        "closure": (ours - least) / (base - least),
        "slope": found["calibration_slope"],
        "observed_expected": found["observed_expected"],
    }


@pytest.mark.prove
def test_on_simulated_leads_the_model_comes_near_what_anyone_could_know(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = pd.DataFrame([measure(tmp_path / str(seed), seed) for seed in SEEDS], index=SEEDS)
    mean = found.mean()
    with capsys.disabled():
        sys.stdout.write(f"\n{found.round(3)}\nmean {mean.round(3).to_dict()}\n")
    assert np.isfinite(found.to_numpy()).all()
    assert mean.closure <= 0.20
    assert 0.9 <= mean.slope <= 1.1
    assert 0.95 <= mean.observed_expected <= 1.05
