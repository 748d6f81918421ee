import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.config import TrainingConfig
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.evaluate.metrics import row_log_loss
from training.progress import silent
from training.simulate import main as simulate
from training.snapshots import Snapshots, take_snapshots
from training.split import Origin, newest_start, split_at
from training.table import course_of
from training.trial import MODEL, RATES, run_trial

MAPPING = load_mapping(Path(__file__).parents[2] / "training" / "mappings" / "simulated.toml")
SIZES = (50, 100, 300, 1_000, 3_000, 10_000, 50_000)
SEEDS = (1, 2, 3, 4, 5)
LEADS = 110_000
NAMES = ("base_rate", "channel_rate", "logistic", "naive_bayes", "lightgbm_default")


def exported(folder: Path, seed: int) -> Export:
    """Return a large export, of which some leads are learned from."""
    arguments = ["--out", str(folder), "--leads", str(LEADS), "--seed", str(seed)]
    simulate([*arguments, "--format", "parquet"])
    return read_export(
        folder / "leads.parquet",
        MAPPING,
        activities=folder / "activities.parquet",
        history=folder / "history.parquet",
    )


def thinned(split: Origin, snapshots: Snapshots, leads: int, seed: int) -> Origin:
    """Return a split that learns from so many leads only, drawn by the seed."""
    lead = snapshots.lead[split.train]
    every = np.unique(lead)
    drawn = np.random.default_rng(seed).permutation(every)[:leads]
    return replace(split, train=split.train[np.isin(lead, drawn)])


def losses(export: Export, snapshots: Snapshots, split: Origin, size: int) -> dict[str, float]:
    """Return the log loss at creation of what answers and of the baselines."""
    trial = run_trial(
        export, snapshots, MAPPING.snapshot_days, TrainingConfig(), silent(), split=split
    )
    first = trial.judged.take(trial.judged.at_creation)
    found = {
        name: float(row_log_loss(values, first.target).mean())
        for name, values in first.probability.items()
    }
    return {"size": size, "model": found.get(MODEL, found[RATES]), **found}


@pytest.mark.prove
def test_on_few_leads_the_model_is_never_worse_than_rates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    for seed in SEEDS:
        export = exported(tmp_path / str(seed), seed)
        days = MAPPING.snapshot_days
        snapshots, _ = take_snapshots(course_of(export), MAPPING.horizon_days, days)
        start = newest_start(snapshots.created[snapshots.at_creation], 0.1)
        split = split_at(snapshots, export.group, start)
        for size in SIZES:
            few = thinned(split, snapshots, size, seed)
            rows.append(losses(export, snapshots, few, size))
            with capsys.disabled():
                sys.stdout.write(f"\nseed {seed}: {rows[-1]}")
    mean = pd.DataFrame(rows).groupby("size").mean()
    with capsys.disabled():
        sys.stdout.write(f"\n{mean[['model', *NAMES]].round(4)}\n")
    best = mean[["base_rate", "channel_rate"]].min(axis=1)
    assert (mean["model"] <= best + 0.001).all()
