"""Writing a bundle: beside its place, then renamed, so that nobody sees half of it."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from features.errors import BundleError
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
from models.bundle.checksums import check_sums, write_sums
from models.bundle.deployment import Deployment


def write_bundle(folder: Path, bundle: Bundle, *, key: bytes | None = None) -> str:
    """Write a bundle as a new folder; return its fingerprint.

    Parameters
    ----------
    folder : Path
        Where it goes; must not be there yet.
    bundle : Bundle
        Its contents.
    key : bytes, optional
        Signs all files.

    Raises
    ------
    BundleError
        When the folder is there already.
    """
    with _new_folder(folder) as beside:
        _write_files(beside, bundle)
        return write_sums(beside, key)


def redeploy_bundle(
    source: Path,
    folder: Path,
    deployment: Deployment,
    *,
    key: bytes | None = None,
    source_key: bytes | None = None,
) -> str:
    """Copy a bundle with another deployment to a new folder; return its fingerprint.

    Parameters
    ----------
    key : bytes, optional
        Signs the copy.
    source_key : bytes, optional
        With it, a source that was not signed with it is refused.

    Raises
    ------
    BundleError
        When the folder is there already, or the source is damaged.
    SignatureError
        When the source is not signed as it should be.
    """
    with _new_folder(folder) as beside:
        # The copy is checked, not the source, so that nothing can change in between.
        shutil.copytree(source, beside, dirs_exist_ok=True)
        check_sums(beside, source_key)
        _write_json(beside / DEPLOYMENT, deployment.to_json())
        return write_sums(beside, key)


def store_lines(folder: Path, lines: Mapping[str, Any], *, key: bytes | None = None) -> None:
    """Replace the lines that a bundle holds, which are no part of its fingerprint.

    A reader between the two steps finds the sums wrong, keeps what it had, and looks again.

    Raises
    ------
    BundleError, SignatureError
        When the bundle is damaged, or not signed with the key.
    """
    _replace(folder, LINES, lines, key)


def store_deployment(folder: Path, deployment: Deployment, *, key: bytes | None = None) -> None:
    """Replace what a bundle says of how it got out, which is no part of its fingerprint.

    Raises
    ------
    BundleError, SignatureError
        When the bundle is damaged, or not signed with the key.
    """
    _replace(folder, DEPLOYMENT, deployment.to_json(), key)


def _replace(folder: Path, name: str, data: Mapping[str, Any], key: bytes | None) -> None:
    check_sums(folder, key)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.resolve().name}-", dir=folder.parent))
    try:
        _write_json(beside / name, data)
        os.replace(beside / name, folder / name)
        write_sums(folder, key)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder beside the wanted one, which takes its place when all went well."""
    if folder.exists():
        raise BundleError(f"{folder} is there already; a bundle is never written over")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield beside
        _settle(beside)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write_files(folder: Path, bundle: Bundle) -> None:
    if bundle.model_text is not None:
        (folder / MODEL).write_text(bundle.model_text, encoding="utf-8")
    _write_json(folder / MANIFEST, bundle.manifest.to_json())
    _write_json(folder / REPORT, bundle.report)
    _write_json(folder / GOLDEN, bundle.golden.to_json())
    _write_json(folder / HISTOGRAMS, bundle.histograms)
    _write_json(folder / LINES, bundle.lines)
    _write_json(folder / DEPLOYMENT, bundle.deployment.to_json())
    bundle.reference.write(folder / REFERENCE)


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def _settle(folder: Path) -> None:
    folder.chmod(0o755)
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
