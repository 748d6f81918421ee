"""`python -m training.promote`: the challenger answers from now on, if it passes the gate."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from features.errors import AgreementError, BundleError, ConfigError, LeadScoringError
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.lines import Lines
from models.agreement.read import load_agreement
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.bundle.write import store_lines
from models.preview.resolve import lines_for
from training.bundle_key import bundle_key
from training.config import TrainingConfig
from training.config_file import load_config
from training.errors import GateError
from training.gate.cost import measure
from training.gate.first import Status
from training.gate.gate import GateResult, judge
from training.gate.labels import labelled, volumes
from training.gate.twins import Twins
from training.registry.export import BUNDLES
from training.registry.promotion import promote, record_gate
from training.registry.tracking import Registry, open_registry
from training.registry.version import Version

ERROR = 2
AGREEMENT = Path("agreement.toml")


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a challenger is judged.

    Parameters
    ----------
    config : TrainingConfig
        Its gate's limits count.
    agreement : Path or None
        The lines of the labels; None: the one at hand.
    force : str or None
        Why it shall answer whatever the gate says.
    approved : bool
        Whether another number of leads a label is fine.
    """

    config: TrainingConfig
    agreement: Path | None = None
    force: str | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A version with what the gate said of it, and the agreement's lines for it."""

    version: Version
    result: GateResult
    lines: Mapping[str, Any]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.promote", description=__doc__)
    add = parser.add_argument
    add("--dataset", help="which one, where several have a champion")
    add("--force", metavar="REASON", help="promote it whatever the gate says; is recorded")
    add("--approve-volume", action="store_true", help="another number of leads a label is fine")
    add("--agreement", type=Path, help=f"the lines of the labels; default: {AGREEMENT}")
    add("--config", type=Path, help="settings of training, TOML; the gate's are in [gate]")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="one setting")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions go; {BUNDLES}")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    try:
        run(options, datetime.now(UTC), time.perf_counter, sys.stdout)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run(
    options: argparse.Namespace, now: datetime, clock: Callable[[], float], out: TextIO
) -> None:
    """Judge the challenger, and let it answer if it passes or is forced.

    Raises
    ------
    GateError
        When it does not pass.
    """
    reason = _reason(options.force)
    artifacts = ArtifactFolder(options.bundles)
    dataset = options.dataset or artifacts.only_dataset()
    terms = Terms(
        load_config(options.config, options.set),
        options.agreement,
        reason,
        approved=options.approve_volume,
    )
    registry = open_registry()
    judged = judge_challenger(
        registry, registry.require_challenger(dataset), artifacts, terms, clock
    )
    out.write(judged.result.table())
    before = registry.champion(dataset)
    folder = let_answer(registry, judged, artifacts, now)
    how = f"forced ({reason})" if judged.version.gate == "forced" else "passed the gate"
    instead = "" if before is None else f" instead of version {before.version}"
    out.write(f"{judged.version} {how}; it answers{instead}, exported to {folder}\n")


def judge_challenger(
    registry: Registry,
    challenger: Version,
    artifacts: ArtifactFolder,
    terms: Terms,
    clock: Callable[[], float],
) -> Judged:
    """Return what the gate says of a challenger, which is kept with it.

    Raises
    ------
    GateError
        When it must not or cannot be compared with the champion.
    """
    dataset = challenger.dataset
    twins = registry.twins_of(challenger)
    require_comparable(challenger, twins, registry.champion(dataset))
    with tempfile.TemporaryDirectory() as place:
        folder = registry.bundle_of(challenger, Path(place))
        cost = measure(folder, clock)
        bundle = read_bundle(folder)
    agreement = find_agreement(terms.agreement, challenger)
    found = lines_for(agreement, bundle)
    before = lines_before(agreement, artifacts, dataset)
    shown = labelled(twins, bundle, agreement, found.lines, before)
    moved = volumes(shown, agreement.version, terms.config.gate, approved=terms.approved)
    result = judge(twins, cost, terms.config, moved)
    status: Status = result.status
    if terms.force is not None and status != "passed":
        status = "forced"
    reason = terms.force if status == "forced" else None
    version = record_gate(registry, challenger, result, status, reason=reason)
    return Judged(version, result, {agreement.version: found.to_json()})


def let_answer(
    registry: Registry, judged: Judged, artifacts: ArtifactFolder, now: datetime
) -> Path:
    """Let a challenger answer that the gate let through; return its bundle.

    Raises
    ------
    GateError
        When the gate did not.
    """
    version = judged.version
    if version.gate not in ("passed", "forced"):
        raise GateError(f"{version} does not pass the gate: {judged.result.refusal()}")
    folder = promote(registry, version, artifacts, now, bundle_key())
    store_lines(folder, judged.lines, key=bundle_key())
    return folder


def lines_before(agreement: Agreement, artifacts: ArtifactFolder, dataset: str) -> Lines | None:
    """Return what the lines come to for the bundle that answers so far, None without one.

    Raises
    ------
    AgreementError
        When a line cannot be had for it.
    """
    folder = artifacts.champion(dataset)
    if not folder.is_dir():
        return None
    try:
        answering = read_bundle(folder, key=bundle_key())
    except BundleError:  # of an earlier format: its lines cannot be told any more
        return None
    return lines_for(agreement, answering).lines


def require_comparable(challenger: Version, twins: Twins, champion: Version | None) -> None:
    """Refuse a challenger that must not or cannot be compared with the champion.

    Raises
    ------
    GateError
        When another version was champion at its training, or it would put rates in the
        place of a model.
    """
    now = None if champion is None else champion.version
    if twins.champion != now:
        before = "none" if twins.champion is None else f"version {twins.champion}"
        raise GateError(
            f"{challenger} was judged when the champion was {before}, now it is version {now}; "
            "train again"
        )
    if champion is not None and champion.basis == "model" and challenger.basis == "rates":
        why = "".join(f"; {reason}" for reason in twins.no_signal)
        raise GateError(
            f"{challenger} found no signal, and rates never replace a model that has it; the "
            f"champion is version {champion.version}{why}"
        )


def find_agreement(path: Path | None, challenger: Version) -> Agreement:
    """Return the agreement of the dataset: the one named, else the one at hand, else a default.

    Raises
    ------
    AgreementError
        When the one named is about another dataset, or one is broken.
    """
    dataset = challenger.dataset
    default = default_agreement(dataset, challenger.anchor)
    if path is None and not AGREEMENT.is_file():
        return default
    found = load_agreement(path or AGREEMENT)
    if found.dataset == dataset:
        return found
    if path is not None:
        raise AgreementError(
            f"{path} is about the dataset {found.dataset!r}, the challenger about {dataset!r}"
        )
    return default


def _reason(text: str | None) -> str | None:
    if text is None:
        return None
    if not text.strip():
        raise ConfigError('--force is empty; expected the reason, such as FORCE="agreed with ..."')
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
