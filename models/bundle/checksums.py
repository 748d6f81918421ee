"""Guards of a bundle's files: SHA-256 against accidents, HMAC against tampering."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from features.errors import BundleError, SignatureError
from models.bundle.bundle import CHECKSUMS, OUTSIDE_FINGERPRINT


def file_sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file but the sums themselves, by name in the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / CHECKSUMS
    }


def fingerprint_of(sums: Mapping[str, str]) -> str:
    """Return the fingerprint of a bundle: of all files but lines and deployment.

    Examples
    --------
    >>> fingerprint_of({"a": "1", "lines.json": "2"}) == fingerprint_of({"a": "1"})
    True
    """
    part = {name: digest for name, digest in sums.items() if name not in OUTSIDE_FINGERPRINT}
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()


def signature_of(sums: Mapping[str, str], key: bytes) -> str:
    """Return the HMAC-SHA256 over all files' sums."""
    return hmac.new(key, json.dumps(sums, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def write_sums(folder: Path, key: bytes | None) -> str:
    """Write the sums of a folder, signed where there is a key; return the fingerprint."""
    sums = file_sums(folder)
    found = {
        "fingerprint": fingerprint_of(sums),
        "sha256": sums,
        "hmac_sha256": None if key is None else signature_of(sums, key),
    }
    beside = folder.with_name(f".{folder.resolve().name}-{secrets.token_hex(4)}.json")
    beside.write_text(json.dumps(found, indent=1), encoding="utf-8")
    os.replace(beside, folder / CHECKSUMS)
    return str(found["fingerprint"])


def check_sums(folder: Path, key: bytes | None) -> str:
    """Check every file against its sum, and the signature where there is a key.

    Returns
    -------
    str
        The fingerprint.

    Raises
    ------
    BundleError
        When a file is absent, added or changed.
    SignatureError
        When a key is set and the signature is absent or another.
    """
    path = folder / CHECKSUMS
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
        sums: dict[str, str] = dict(expected["sha256"])
        signature = expected["hmac_sha256"]
    except FileNotFoundError:
        raise BundleError(f"{folder}: {CHECKSUMS} is not there; expected a whole bundle") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleError(f"{path}: cannot be read") from None
    found = file_sums(folder)
    for name in sorted(sums.keys() | found.keys()):
        if name not in found:
            raise BundleError(f"{folder}: {name} is not there")
        if name not in sums:
            raise BundleError(f"{folder}: {name} does not belong to the bundle")
        if sums[name] != found[name]:
            raise BundleError(f"{folder}: {name} was changed or is damaged")
    if key is not None:
        _check_signature(folder, sums, signature, key)
    return fingerprint_of(found)


def _check_signature(folder: Path, sums: Mapping[str, str], signature: object, key: bytes) -> None:
    if not isinstance(signature, str):
        raise SignatureError(f"{folder}: the bundle is not signed, a key is set")
    if not hmac.compare_digest(signature, signature_of(sums, key)):
        raise SignatureError(f"{folder}: the signature was made with another key")
