"""The champion leaves the registry as a bundle that the service can read."""

import tempfile
from datetime import datetime
from pathlib import Path

from models.bundle.deployment import Deployment, GateStatus
from models.bundle.folder import ArtifactFolder
from models.bundle.write import redeploy_bundle
from training.registry.tracking import Registry


def export_champion(
    registry: Registry, dataset: str, artifacts: ArtifactFolder, now: datetime, key: bytes | None
) -> Path:
    """Let the champion's bundle answer; return its folder.

    A version that was exported before is not written again.
    """
    version = registry.require_champion(dataset)
    folder = artifacts.version(dataset, version.version)
    if not folder.is_dir():
        gate: GateStatus = "rates" if version.basis == "rates" else "none"
        deployment = Deployment(version.version, version.run_id, now.isoformat(), gate)
        with tempfile.TemporaryDirectory() as place:
            source = registry.bundle_of(dataset, version.version, Path(place))
            redeploy_bundle(source, folder, deployment, key=key)
    return artifacts.crown(dataset, version.version)
