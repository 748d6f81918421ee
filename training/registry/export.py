"""A version leaves the registry as a bundle that the service can read."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import get_args

from models.bundle.deployment import Deployment, GateStatus
from models.bundle.folder import ArtifactFolder
from models.bundle.write import redeploy_bundle
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
) -> Path:
    """Write the bundle of a version; return its folder.

    A version that was exported before is not written again.

    Raises
    ------
    GateError
        When the gate did not let it through, and nobody forced it.
    """
    folder = artifacts.version(version.dataset, version.version)
    if folder.is_dir():
        return folder
    gate = LET_THROUGH.get(version.gate)
    if gate is None:
        raise GateError(
            f"{version} is not exported: its gate is {version.gate!r}, "
            f"expected one of {', '.join(LET_THROUGH)}"
        )
    found = registry.gate_of(version)
    deployment = Deployment(
        version=version.version,
        run_id=version.run_id,
        exported_at=now.isoformat(),
        gate=gate,
        comparison=found["comparison"],
        reason=version.reason,
        checks=tuple(found["checks"]),
    )
    with tempfile.TemporaryDirectory() as place:
        source = registry.bundle_of(version, Path(place))
        redeploy_bundle(source, folder, deployment, key=key)
    return folder


def export_champion(
    registry: Registry, dataset: str, artifacts: ArtifactFolder, now: datetime, key: bytes | None
) -> Path:
    """Let the champion's bundle answer; return its folder."""
    champion = registry.require_champion(dataset)
    export_version(registry, champion, artifacts, now, key)
    return artifacts.crown(dataset, champion.version)
