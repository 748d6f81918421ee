"""`python -m training.train`: from a CRM export to a registered model and its bundle."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from features.arrays import FloatArray
from features.errors import ConfigError, LeadScoringError, LeakageError
from features.moment import NEVER
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from training.audit.audit import audit
from training.bundle_key import bundle_key
from training.card.card import make_card, write_card
from training.card.made import made_by
from training.config import TrainingConfig
from training.config_file import load_config
from training.contents import bundle_contents, write_contents
from training.data.export import Export
from training.data.files import ExportFiles
from training.data.mapping import ExportMapping, load_mapping
from training.data.read import read_export
from training.gate.first import Ruling, rule
from training.gate.twins import Twins, twins_of
from training.learn import Learned, learn, rates_instead
from training.offers import read_offers
from training.progress import Progress
from training.reference import tested_rows
from training.registry.export import BUNDLES, export_challenger, export_champion
from training.registry.promotion import promote, record_gate
from training.registry.run import Files
from training.registry.tracking import Registry, open_registry
from training.registry.version import Version
from training.sales import sales_report
from training.scratch import Scratch

ERROR = 2
INPUTS = ("leads", "mapping", "activities", "history", "config")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    add = parser.add_argument
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")
    add("--out", type=Path, help="leave bundle, report and model card in this folder")
    add("--no-register", action="store_true", help="leave MLflow alone; needs --out")
    add("--anchor", type=float, help="probability of 50 points, with --no-register")
    add("--config", type=Path, help="settings of training, TOML")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions go; {BUNDLES}")
    add("--scratch", type=Path, help="folder for features that memory does not hold")
    add("--quiet", action="store_true", help="show no steps")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    progress = Progress(None if options.quiet else sys.stderr, time.perf_counter)
    try:
        run(options, progress, datetime.now(UTC), sys.stdout)
    except LeakageError as error:
        sys.stderr.write(f"error: {error}\n")
        return ERROR
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
    with progress.step("auditing the columns"):
        audited = audit(export, mapping, config.seed)
        audited.require_clean()
    for warning in audited.warnings():
        progress.tell(f"warning: {warning}")
    registry = None if options.no_register else _registry(progress)
    champion = None if registry is None else registry.champion(mapping.dataset)
    anchor = _anchor(champion, export, mapping, options.anchor)
    chosen = None if registry is None or champion is None else registry.choice_of(champion)
    with Scratch(config.memory_mb, options.scratch) as scratch, TemporaryDirectory() as folder:
        left = Path(folder) if options.out is None else options.out
        learned = learn(
            export,
            mapping,
            config,
            progress,
            anchor=anchor,
            champion=chosen,
            audit=audited.to_json(),
            offers=_offers(options, export, mapping, config),
            scratch=scratch,
        )

        def leave(found: Learned) -> Files:
            return _leave(found, export, mapping, options, config, left, now, progress)

        files = leave(learned)
        if registry is None:
            _with_card(files, options, None, progress)
            out.write(summary(learned))
        else:
            ruling = _rule(learned, files, champion, config, progress)
            if ruling is not None and ruling.status == "rates" and learned.basis == "model":
                learned = rates_instead(learned, ruling.why_rates, config)
                files = leave(learned)
            files = _with_card(files, options, ruling, progress)
            out.write(summary(learned))
            twins = _twins(learned, champion, config)
            version = _register(registry, learned, files, twins, ruling, progress)
            out.write(_deploy(registry, version, ruling, options, now, progress))
    out.write(f"took {progress.elapsed:.0f} s\n")


def _registry(progress: Progress) -> Registry:
    with progress.step("opening MLflow"):
        return open_registry()


def _offers(
    options: argparse.Namespace, export: Export, mapping: ExportMapping, config: TrainingConfig
) -> FloatArray | None:
    """Return how likely each lead was to be offered to sales, where a fit on them is wanted."""
    if not config.selection.fit_offered:
        return None
    verdicts = ExportFiles(options.leads, mapping).feedback
    found = None if verdicts is None else read_offers(verdicts, export)
    if found is None:
        raise ConfigError(
            "selection.fit_offered: expected a feedback file with offered and propensity, as the "
            "export of the store writes it"
        )
    return found


def _anchor(
    champion: Version | None, export: Export, mapping: ExportMapping, given: float | None
) -> float | None:
    """Return the anchor that earlier models of the dataset set, or the one given."""
    if given is not None and not 0.0 < given < 1.0:
        raise ConfigError(f"--anchor is {given:g}, expected a probability between 0 and 1")
    if champion is None:
        return given
    champion.require_horizon(mapping.horizon_days if export.data_end != NEVER else None)
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
    """Write bundle and report into a folder."""
    with progress.step("writing the bundle"):
        folder.mkdir(parents=True, exist_ok=True)
        contents = bundle_contents(learned, export, mapping, config, now)
        bundle = folder / "bundle"
        fingerprint = write_contents(bundle, contents, bundle_key())
        report = folder / "report.json"
        told = {**learned.report, "fingerprint": fingerprint}
        verdicts = ExportFiles(options.leads, mapping).feedback
        if verdicts is not None:
            told["sales"] = sales_report(verdicts, export)
        report.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return Files(bundle=bundle, mapping=options.mapping, report=report)


def _with_card(
    files: Files, options: argparse.Namespace, ruling: Ruling | None, progress: Progress
) -> Files:
    """Write the model card beside the report, with what the gate said so far."""
    with progress.step("writing the model card"):
        report = json.loads(files.report.read_text(encoding="utf-8"))
        given = {name: getattr(options, name) for name in INPUTS}
        made = made_by(given, options.set, report["anchor"])
        gate = None if ruling is None else ruling.result.to_json()
        card = make_card(report, read_bundle(files.bundle), made, gate)
        written = write_card(files.report.parent, card)
    return replace(files, card=(written.page, written.text), plots=written.plots)


def _rule(
    learned: Learned,
    files: Files,
    champion: Version | None,
    config: TrainingConfig,
    progress: Progress,
) -> Ruling | None:
    with progress.step("checking what a model must show"):
        before = None if champion is None else champion.basis
        return rule(learned, files.bundle, before, config, time.perf_counter)


def _twins(learned: Learned, champion: Version | None, config: TrainingConfig) -> Twins:
    if champion is None:
        return twins_of(learned, None, None)
    tested = tested_rows(learned, config.reference_leads, config.seed)
    return twins_of(learned, champion.version, champion.basis, tested)


def _register(
    registry: Registry,
    learned: Learned,
    files: Files,
    twins: Twins,
    ruling: Ruling | None,
    progress: Progress,
) -> Version:
    with progress.step("registering the model"):
        version = registry.register(learned, files, twins)
        if ruling is None:
            return version
        return record_gate(registry, version, ruling.result, ruling.status)


def _deploy(
    registry: Registry,
    version: Version,
    ruling: Ruling | None,
    options: argparse.Namespace,
    now: datetime,
    progress: Progress,
) -> str:
    """Let a version answer where it may; return what to say of it."""
    artifacts = ArtifactFolder(options.bundles)
    said = "" if ruling is None else ruling.result.table()
    said += f"registered {version}"
    with progress.step("exporting the champion"):
        if ruling is not None and ruling.answers:
            folder = promote(registry, version, artifacts, now, bundle_key())
            return f"{said}; it is the champion, exported to {folder}\n"
        folder = export_champion(registry, version.dataset, artifacts, now, bundle_key())
        export_challenger(registry, version, artifacts, now, bundle_key())
        artifacts.challenge(version.dataset, version.version)
    return (
        f"{said}, the challenger; the champion is still version {folder.name}, exported to "
        f"{folder} (make promote compares both; a service that runs scores leads by both)\n"
    )


def summary(learned: Learned) -> str:
    """Return the main figures as a table."""
    report: dict[str, Any] = learned.report
    counts, test = report["counts"], report["test"]
    lines = [
        f"{report['dataset']}: {counts['leads']} leads, {counts['immature_leads']} too young to "
        f"know, {counts['mature_leads']} used; maturity {report['maturity']}",
        f"judged on the newest {test['n']} leads at creation:",
        f"{'':18}{'log loss':>10}{'ROC AUC':>10}{'lift 10%':>10}{'ECE':>8}",
    ]
    for name, found in {learned.trial.answer: test, **report["baselines"]}.items():
        lines.append(
            f"{name:18}{_figure(found['log_loss'], 4):>10}{_figure(found['roc_auc'], 3):>10}"
            f"{_figure(found['lift_at_10'], 2):>10}{_figure(found['ece'], 3):>8}"
        )
    if learned.basis == "rates":
        lines.append("rates answer, since " + "; ".join(report["no_signal"]))
    return "\n".join(lines) + "\n"


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
