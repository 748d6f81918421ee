"""A version leaves the registry as a bundle that the service can read."""

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from models.bundle.bundle import DEPLOYMENT
from models.bundle.deployment import Deployment, GateStatus
from models.bundle.folder import ArtifactFolder
from models.bundle.write import redeploy_bundle, store_deployment
from training.errors import GateError
from training.registry.tracking import Registry
from training.registry.version import NO_GATE, Version

BUNDLES = Path("models/artifacts")
LET_THROUGH: dict[str, GateStatus] = {
    status: status for status in get_args(GateStatus) if status != NO_GATE
}


def export_version(
    registry: Registry,
    version: Version,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
    *,
    source_key: bytes | None = None,
) -> Path:
    """Write the bundle of a version that may answer; return its folder.

    A version that was exported before is not written again; one that was exported to be compared
    is told that it may answer.

    Parameters
    ----------
    source_key : bytes, optional
        With it, a bundle that was not signed with it at its training is refused.

    Raises
    ------
    GateError
        When the gate did not let it through, and nobody forced it.
    """
    gate = LET_THROUGH.get(version.gate)
    folder = artifacts.version(version.dataset, version.version)
    if folder.is_dir() and _gate_in(folder) != NO_GATE:
        return folder
    if gate is None:
        raise GateError(
            f"{version} is not exported: its gate is {version.gate!r}, "
            f"expected one of {', '.join(LET_THROUGH)}"
        )
    deployment = _deployment(version, gate, registry.gate_of(version), now)
    if folder.is_dir():
        store_deployment(folder, deployment, key=key)
    else:
        _export(registry, version, folder, deployment, key, source_key)
    return folder


def export_champion(
    registry: Registry,
    dataset: str,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
) -> Path:
    """Let the champion's bundle answer; return its folder."""
    champion = registry.require_champion(dataset)
    export_version(registry, champion, artifacts, now, key)
    return artifacts.crown(dataset, champion.version)


def export_challenger(
    registry: Registry,
    version: Version,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
    *,
    source_key: bytes | None = None,
) -> Path:
    """Write the bundle of a version to be compared with the champion; return its folder.

    Whatever the gate says of it: the bundle says that it may not answer.
    """
    folder = artifacts.version(version.dataset, version.version)
    if not folder.is_dir():
        deployment = _deployment(version, NO_GATE, {}, now)
        _export(registry, version, folder, deployment, key, source_key)
    return folder


def _deployment(
    version: Version, gate: GateStatus, found: dict[str, Any], now: datetime
) -> Deployment:
    return Deployment(
        version=version.version,
        run_id=version.run_id,
        exported_at=now.isoformat(),
        gate=gate,
        comparison=found.get("comparison"),
        reason=version.reason,
        checks=tuple(found.get("checks", ())),
    )


def _export(
    registry: Registry,
    version: Version,
    folder: Path,
    deployment: Deployment,
    key: bytes | None,
    source_key: bytes | None,
) -> None:
    with tempfile.TemporaryDirectory() as place:
        source = registry.bundle_of(version, Path(place))
        redeploy_bundle(source, folder, deployment, key=key, source_key=source_key)


def _gate_in(folder: Path) -> str:
    """Return what an exported bundle says of the gate."""
    try:
        found = json.loads((folder / DEPLOYMENT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "damaged"
    return str(found.get("gate"))
