import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.arrays import FloatArray
from models.explain.evidence import wilson_interval
from training.config import TrainingConfig
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.evaluate.figures import Judged
from training.evaluate.metrics import Predictions, all_metrics, row_log_loss
from training.progress import silent
from training.simulate import main as simulate
from training.snapshots import take_snapshots
from training.table import course_of
from training.trial import run_trial

MAPPING = Path(__file__).parents[2] / "training" / "mappings" / "simulated.toml"
SEEDS = (1, 2, 3, 4, 5)
LEADS = 50_000


def measure(folder: Path, seed: int, extra: Sequence[str]) -> dict[str, float]:
    """Return how far the model stays behind the oracle on test leads at creation."""
    arguments = ["--out", str(folder), "--leads", str(LEADS), "--seed", str(seed), *extra]
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
    model, target = judged.probability["model"], judged.target
    ours, base, least = (
        row_log_loss(probability, target).mean()
        for probability in (model, judged.probability["base_rate"], best)
    )
    found = all_metrics(Predictions.of(model, target))
    top = model >= np.quantile(model, 0.9)
    return {
        "closure": (ours - least) / (base - least),
        "slope": found["calibration_slope"],
        "observed_expected": found["observed_expected"],
        "top_tenth": float(target[top].sum() / model[top].sum()),
        **covered(judged, best),
    }


def covered(judged: Judged, truth: FloatArray) -> dict[str, float]:
    """Return of how many channels the interval of the rate covers the true rate."""
    names = np.array([name or "" for name in judged.channel])
    inside = []
    for name in np.unique(names):
        here = names == name
        low, high = wilson_interval(
            np.array([int(judged.target[here].sum())]), np.array([int(here.sum())])
        )
        inside.append(low[0] <= truth[here].mean() <= high[0])
    return {"channels": len(inside), "covered": sum(inside)}


@pytest.mark.prove
@pytest.mark.parametrize("extra", [["--no-drift"], []], ids=["drift off", "drift on"])
def test_on_simulated_leads_the_model_comes_near_what_anyone_could_know(
    tmp_path: Path, extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    for seed in SEEDS:
        rows.append(measure(tmp_path / str(seed), seed, extra))
        with capsys.disabled():
            sys.stdout.write(
                f"\nseed {seed} {extra}: { {k: round(v, 3) for k, v in rows[-1].items()} }"
            )
    found = pd.DataFrame(rows, index=SEEDS)
    mean = found.mean()
    with capsys.disabled():
        sys.stdout.write(f"\n{found.round(3)}\nmean {mean.round(3).to_dict()}\n")
    assert np.isfinite(found.to_numpy()).all()
    assert mean.closure <= 0.10
    assert 0.9 <= mean.slope <= 1.1
    assert 0.95 <= mean.observed_expected <= 1.05
    assert 0.85 <= mean.top_tenth <= 1.15
    assert found.covered.sum() >= 0.9 * found.channels.sum()
