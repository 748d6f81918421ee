"""Reading a bundle, every file checked before it is used."""

import json
from pathlib import Path
from typing import Any

from features.errors import BundleError, LeadScoringError
from models.bundle.bundle import (
    DEPLOYMENT,
    GOLDEN,
    HISTOGRAMS,
    LINES,
    MANIFEST,
    MODEL,
    REFERENCE,
    REPORT,
    Bundle,
)
from models.bundle.checksums import check_sums
from models.bundle.deployment import Deployment
from models.bundle.golden import Golden
from models.bundle.manifest import Manifest
from models.bundle.reference import ReferenceLeads


def read_bundle(folder: Path, *, key: bytes | None = None) -> Bundle:
    """Return the bundle in a folder.

    Parameters
    ----------
    folder : Path
        The folder.
    key : bytes, optional
        With it, a bundle that was not signed with the same key is refused.

    Raises
    ------
    BundleError
        When the folder or a file is absent, damaged, or of a format that is not known.
    SignatureError
        When a key is set and the bundle is not signed with it.
    """
    if not folder.is_dir():
        raise BundleError(f"{folder}: expected the folder of a bundle, there is none")
    check_sums(folder, key)
    manifest = Manifest.from_json(_json(folder / MANIFEST))
    model = folder / MODEL
    if manifest.basis == "model" and manifest.blend.tree_weight > 0.0 and not model.is_file():
        raise BundleError(f"{folder}: {MODEL} is not there")
    try:
        return Bundle(
            model_text=model.read_text(encoding="utf-8") if model.is_file() else None,
            manifest=manifest,
            report=_json(folder / REPORT),
            golden=Golden.from_json(_json(folder / GOLDEN)),
            reference=ReferenceLeads.read(folder / REFERENCE),
            histograms=_json(folder / HISTOGRAMS),
            deployment=Deployment.from_json(_json(folder / DEPLOYMENT)),
            lines=_json(folder / LINES),
        )
    except LeadScoringError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: the bundle is incomplete: {error!r}") from None


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BundleError(f"{path}: cannot be read") from None
    if not isinstance(data, dict):
        raise BundleError(f"{path}: expected an object")
    return data
