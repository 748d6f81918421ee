"""`python -m training.train`: from a CRM export to a registered model and its bundle."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from features.errors import ConfigError, LeadScoringError
from features.moment import NEVER
from models.bundle.folder import ArtifactFolder
from training.config import TrainingConfig, load_config
from training.contents import bundle_contents, write_contents
from training.data.export import Export
from training.data.mapping import ExportMapping, load_mapping
from training.data.read import read_export
from training.learn import Learned, learn
from training.progress import Progress
from training.registry.export import export_champion
from training.registry.plots import draw_plots
from training.registry.tracking import DEFAULT_URI, Files, Registered, Registry

ERROR = 2
BUNDLES = Path("models/artifacts")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    add = parser.add_argument
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")
    add("--out", type=Path, help="leave the bundle and report.json in this folder")
    add("--no-register", action="store_true", help="leave MLflow alone; needs --out")
    add("--promote", action="store_true", help="let the new version answer from now on")
    add("--anchor", type=float, help="probability of 50 points, with --no-register")
    add("--config", type=Path, help="settings of training, TOML")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions go; {BUNDLES}")
    add("--quiet", action="store_true", help="show no steps")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    progress = Progress(None if options.quiet else sys.stderr, time.perf_counter)
    try:
        run(options, progress, datetime.now(UTC), sys.stdout)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run(options: argparse.Namespace, progress: Progress, now: datetime, out: TextIO) -> None:
    """Train, leave what was asked for, and say what was found."""
    if options.no_register and options.out is None:
        raise ConfigError("--no-register leaves nothing behind without --out; expected --out DIR")
    mapping = load_mapping(options.mapping)
    config = load_config(options.config, options.set)
    with progress.step("reading the export"):
        export = read_export(
            options.leads, mapping, activities=options.activities, history=options.history
        )
    registry = None if options.no_register else _registry(progress)
    anchor = _anchor(registry, export, mapping, options.anchor)
    learned = learn(export, mapping, config, progress, anchor=anchor)
    with tempfile.TemporaryDirectory() as folder:
        left = Path(folder) if options.out is None else options.out
        files = _leave(learned, export, mapping, options, config, left, now, progress)
        out.write(summary(learned))
        if registry is not None:
            _register(registry, learned, files, options, now, progress, out)
    out.write(f"took {progress.elapsed:.0f} s\n")


def _registry(progress: Progress) -> Registry:
    with progress.step("opening MLflow"):
        return Registry(os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI)


def _anchor(
    registry: Registry | None, export: Export, mapping: ExportMapping, given: float | None
) -> float | None:
    """Return the anchor that earlier models of the dataset set, or the one given."""
    if given is not None and not 0.0 < given < 1.0:
        raise ConfigError(f"--anchor is {given:g}, expected a probability between 0 and 1")
    champion = None if registry is None else registry.champion(mapping.dataset)
    if champion is None:
        return given
    champion.require_horizon(
        mapping.dataset, mapping.horizon_days if export.data_end != NEVER else None
    )
    return champion.anchor


def _leave(
    learned: Learned,
    export: Export,
    mapping: ExportMapping,
    options: argparse.Namespace,
    config: TrainingConfig,
    folder: Path,
    now: datetime,
    progress: Progress,
) -> Files:
    """Write bundle, report and plots into a folder."""
    with progress.step("writing the bundle"):
        folder.mkdir(parents=True, exist_ok=True)
        contents = bundle_contents(learned, export, mapping, config, now)
        bundle = folder / "bundle"
        fingerprint = write_contents(bundle, contents, bundle_key())
        report = folder / "report.json"
        report.write_text(
            json.dumps({**learned.report, "fingerprint": fingerprint}, indent=1), encoding="utf-8"
        )
        plots = folder / "plots"
        plots.mkdir(exist_ok=True)
        drawn = draw_plots(
            plots,
            learned.trial.judged.take(learned.trial.judged.at_creation),
            learned.trial.answer,
            learned.importances(),
        )
    return Files(bundle=bundle, mapping=options.mapping, report=report, plots=drawn)


def bundle_key() -> bytes | None:
    """Return the key that signs bundles, None where none is set."""
    key = os.environ.get("LEAD_SCORING_BUNDLE_KEY")
    return key.encode() if key else None


def _register(
    registry: Registry,
    learned: Learned,
    files: Files,
    options: argparse.Namespace,
    now: datetime,
    progress: Progress,
    out: TextIO,
) -> None:
    dataset = str(learned.report["dataset"])
    with progress.step("registering the model"):
        registered = registry.register(learned, files, promote=options.promote)
    with progress.step("exporting the champion"):
        artifacts = ArtifactFolder(options.bundles)
        folder = export_champion(registry, dataset, artifacts, now, bundle_key())
    out.write(_about(registered, dataset, folder))


def _about(registered: Registered, dataset: str, folder: Path) -> str:
    version = f"registered {dataset} version {registered.version}"
    if registered.is_champion:
        return f"{version}; it is the champion, exported to {folder}\n"
    return (
        f"{version}; the champion is still version {registered.champion}, exported to {folder} "
        "(--promote lets a new version answer)\n"
    )


def summary(learned: Learned) -> str:
    """Return the main figures as a table."""
    report: dict[str, Any] = learned.report
    counts, test = report["counts"], report["test"]
    lines = [
        f"{report['dataset']}: {counts['leads']} leads, {counts['immature_leads']} too young to "
        f"know, {counts['mature_leads']} used; maturity {report['maturity']}",
        f"judged on the newest {test['n']} leads at creation:",
        f"{'':14}{'log loss':>10}{'ROC AUC':>10}{'lift 10%':>10}{'ECE':>8}",
    ]
    for name, found in {learned.trial.answer: test, **report["baselines"]}.items():
        lines.append(
            f"{name:14}{_figure(found['log_loss'], 4):>10}{_figure(found['roc_auc'], 3):>10}"
            f"{_figure(found['lift_at_10'], 2):>10}{_figure(found['ece'], 3):>8}"
        )
    if learned.basis == "rates":
        lines.append("no signal: rates answer, since " + "; ".join(report["no_signal"]))
    return "\n".join(lines) + "\n"


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
