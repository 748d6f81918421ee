"""`python -m training.backtest`: what the procedure would have done at several past moments."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from features.errors import LeadScoringError
from training.config import TrainingConfig
from training.config_file import load_config
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.errors import TooFewOutcomesError
from training.evaluate.figures import Judged, difference, figures, pooled
from training.progress import Progress
from training.scratch import Scratch
from training.snapshots import Snapshots, take_snapshots
from training.split import Origin, rolling_origins
from training.table import course_of
from training.thinning import thin_before
from training.trial import MODEL, RATES, Trial, run_trial

ERROR = 2
FIGURES = ("log_loss", "roc_auc", "lift_at_10", "calibration_slope", "observed_expected")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.backtest", description=__doc__)
    add = parser.add_argument
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    add("--origins", type=int, default=5, help="moments to train at; 5")
    add("--share", type=float, default=0.5, help="share of the leads, the newest, to judge; 0.5")
    add("--shuffle", type=int, metavar="SEED", help="draw the order of leads without dates")
    add("--config", type=Path, help="settings of training, TOML")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--out", type=Path, help="leave the figures in this file, JSON")
    add("--scratch", type=Path, help="folder for features that memory does not hold")
    add("--quiet", action="store_true", help="show no steps")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    progress = Progress(None if options.quiet else sys.stderr, time.perf_counter)
    try:
        mapping = load_mapping(options.mapping)
        config = load_config(options.config, options.set)
        export = read_export(options.leads, mapping)
        if options.shuffle is not None:
            export = shuffled(export, options.shuffle)
        course = course_of(export)
        snapshots, _ = take_snapshots(course, mapping.horizon_days, mapping.snapshot_days)
        days = mapping.snapshot_days
        trials = backtest(export, snapshots, days, config, progress, options)
        found = compare(trials, config)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    if options.out is not None:
        options.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.stdout.write(table(export.dataset, found))
    return 0


def shuffled(export: Export, seed: int) -> Export:
    """Return the same leads in an order drawn by a seed, as a random split would take them."""
    order = np.random.default_rng(seed).permutation(len(export.order)).astype(np.float64)
    return replace(export, order=order)


def backtest(
    export: Export,
    snapshots: Snapshots,
    snapshot_days: tuple[int, ...],
    config: TrainingConfig,
    progress: Progress,
    options: argparse.Namespace,
) -> list[Trial]:
    """Return a trial of the whole procedure at each origin.

    Raises
    ------
    TooFewOutcomesError
        When no origin knows enough outcomes.
    """
    origins = rolling_origins(
        snapshots,
        export.group,
        np.arange(snapshots.n_rows),
        origins=options.origins,
        share=options.share,
        least_outcomes=config.splitting.least_outcomes,
    )
    if not origins:
        raise TooFewOutcomesError(
            f"no moment in the past knew {config.splitting.least_outcomes} wins and as many "
            "losses; expected at least one"
        )
    return [
        _trial(export, snapshots, origin, snapshot_days, config, progress, options.scratch)
        for origin in origins
    ]


def _trial(
    export: Export,
    snapshots: Snapshots,
    origin: Origin,
    snapshot_days: tuple[int, ...],
    config: TrainingConfig,
    progress: Progress,
    folder: Path | None,
) -> Trial:
    """Return the trial at an origin; the file with its features is gone afterwards."""
    rows, split = thin_before(snapshots, export.group, origin, config.splitting, config.seed)
    with Scratch(config.memory_mb, folder) as scratch:
        return run_trial(
            export, rows, snapshot_days, config, progress, split=split, scratch=scratch
        )


def compare(trials: Sequence[Trial], config: TrainingConfig) -> dict[str, Any]:
    """Return the figures of the model and of every baseline, at creation, origins together."""
    parts = [answered(trial) for trial in trials]
    judged = pooled(parts)
    evaluating, seed = config.evaluating, config.seed
    found = {name: figures(judged, name, evaluating, seed) for name in judged.probability}
    others = [name for name in found if name != MODEL]
    best = min(others, key=lambda name: float(found[name]["log_loss"]))
    return {
        "origins": [
            {
                "n": len(part.target),
                "base_rate": float(part.target.mean()),
                "chosen": chosen_by(trial),
                "log_loss": {
                    name: figures(part, name, evaluating, seed)["log_loss"] for name in found
                },
            }
            for trial, part in zip(trials, parts, strict=True)
        ],
        "figures": found,
        "best_baseline": best,
        "differences": {name: difference(judged, MODEL, name, evaluating, seed) for name in others},
    }


def answered(trial: Trial) -> Judged:
    """Return the trial's leads at creation; where nothing was learned, rates answered."""
    first = trial.judged.take(trial.judged.at_creation)
    if MODEL in first.probability:
        return first
    return replace(first, probability={**first.probability, MODEL: first.probability[RATES]})


def chosen_by(trial: Trial) -> str:
    """Return the name of what the trial chose."""
    procedure = trial.procedure
    return RATES if procedure is None or procedure.choice is None else procedure.choice.name


def table(dataset: str, found: dict[str, Any]) -> str:
    """Return the figures as a table for people."""
    n = sum(origin["n"] for origin in found["origins"])
    chosen = ", ".join(origin["chosen"] for origin in found["origins"])
    lines = [
        f"{dataset}: {len(found['origins'])} origins, {n} leads at creation; chosen: {chosen}",
        f"{'':18}" + "".join(f"{name:>19}" for name in FIGURES) + "   model better by (95 %)",
    ]
    for name, values in found["figures"].items():
        row = f"{name:18}" + "".join(f"{_text(values[figure]):>19}" for figure in FIGURES)
        if name != MODEL:
            other = found["differences"][name]
            low, high = other["interval"]
            row += f"   {-other['log_loss']:.4f} ({-high:.4f} to {-low:.4f})"
        lines.append(row + (" best baseline" if name == found["best_baseline"] else ""))
    return "\n".join(lines) + "\n"


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    sys.exit(main())
