"""Which version answers: the only place where the alias `champion` moves."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from models.bundle.folder import ArtifactFolder
from training.errors import TrainingError
from training.gate.first import Status
from training.gate.gate import GateResult
from training.registry.export import export_version
from training.registry.tracking import Registry
from training.registry.version import (
    CHALLENGER,
    CHAMPION,
    GATE,
    PROMOTED_AT,
    REASON,
    REPLACED,
    ROLLED_BACK_AT,
    Version,
)


def record_gate(
    registry: Registry,
    version: Version,
    result: GateResult,
    status: Status,
    *,
    reason: str | None = None,
) -> Version:
    """Keep what the gate said of a version with it; return the version with that.

    Parameters
    ----------
    status : Status
        The gate's, or how the version got past it.
    reason : str, optional
        Why it was forced; by default what did not pass.
    """
    why = reason or result.refusal() or None
    registry.log_gate(version, {**result.to_json(), "status": status, "reason": why})
    registry.tag(version, {GATE: status, REASON: why or ""})
    return replace(version, gate=status, reason=why)


def promote(
    registry: Registry,
    version: Version,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
) -> Path:
    """Let a version answer from now on; return its exported bundle.

    Raises
    ------
    GateError
        When the gate did not let it through, and nobody forced it.
    """
    # Exported first: what cannot be written never becomes champion.
    export_version(registry, version, artifacts, now, key)
    before = registry.champion(version.dataset)
    history = {PROMOTED_AT: now.isoformat()}
    if before is not None:
        history[REPLACED] = before.version
    registry.tag(version, history)
    registry.point(CHAMPION, version)
    registry.drop(CHALLENGER, version.dataset)
    folder = artifacts.crown(version.dataset, version.version)
    artifacts.challenge(version.dataset, None)
    return folder


def roll_back(
    registry: Registry,
    dataset: str,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
) -> tuple[Version, Path]:
    """Let the champion before the present one answer again; return it and its bundle.

    Raises
    ------
    TrainingError
        When there is no champion, or none before it.
    """
    champion = registry.require_champion(dataset)
    if champion.replaced is None:
        raise TrainingError(
            f"{champion} is the first champion; expected one before it to go back to"
        )
    earlier = registry.version(dataset, champion.replaced)
    export_version(registry, earlier, artifacts, now, key)
    registry.tag(champion, {ROLLED_BACK_AT: now.isoformat()})
    registry.point(CHAMPION, earlier)
    return earlier, artifacts.crown(dataset, earlier.version)
