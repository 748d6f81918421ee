"""A version that answered once comes back as a bundle, and does not answer."""

import shutil
from datetime import datetime
from pathlib import Path

from features.errors import LeadScoringError
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from training.registry.export import export_version
from training.registry.tracking import Registry
from training.registry.version import Version


def fetch_version(
    registry: Registry,
    version: Version,
    artifacts: ArtifactFolder,
    now: datetime,
    key: bytes | None,
) -> Path:
    """Bring the bundle of a version that may answer, verified; return its folder.

    Nothing points to it: champion and challenger stay who they are. What does not stand the test
    does not stay.

    Parameters
    ----------
    key : bytes or None
        Signs it; with it, only what training has signed with it is brought.

    Raises
    ------
    GateError
        When the gate never let it through, so that it never answered.
    BundleError, SignatureError
        When it is damaged, not signed as it should be, or does not reproduce its golden leads.
    """
    there = artifacts.version(version.dataset, version.version).is_dir()
    folder = export_version(registry, version, artifacts, now, key, source_key=key)
    try:
        check_golden(Scorer(read_bundle(folder, key=key)))
    except LeadScoringError:
        if not there:
            shutil.rmtree(folder)
        raise
    return folder
