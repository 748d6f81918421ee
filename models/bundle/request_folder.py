"""Requests as files, through which the service asks and a training process answers."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from features.errors import BundleError
from models.bundle.folder import ArtifactFolder, plain
from models.bundle.request import ModelRequest

REQUESTS = "requests"
MOST_BYTES = 4_000_000


class RequestFolder:
    """The requests of a dataset, one JSON file each, written beside and renamed.

    Parameters
    ----------
    artifacts : ArtifactFolder
    dataset : str

    Raises
    ------
    BundleError
        When the name is no plain word, or the folder leads out of the dataset's.
    """

    def __init__(self, artifacts: ArtifactFolder, dataset: str) -> None:
        home = artifacts.folder / plain(dataset)
        self._folder = home / REQUESTS
        if self._folder.resolve().parent != home.resolve():
            raise BundleError(f"{self._folder} leads out of the dataset's folder")

    def all(self) -> list[ModelRequest]:
        """Return the requests, the newest first; what is none is left out."""
        found = []
        for path in sorted(self._folder.glob("*.json"), reverse=True):
            request = self._read(path)
            if request is not None:
                found.append(request)
        return found

    def open(self) -> list[ModelRequest]:
        """Return the requests that nobody has carried out yet, the oldest first."""
        return [one for one in reversed(self.all()) if one.status == "asked"]

    def keep(self, request: ModelRequest) -> None:
        """Write a request, or what became of it.

        Raises
        ------
        BundleError
            When its id is no plain word.
        OSError
            When it cannot be written.
        """
        path = self._folder / f"{plain(request.request_id)}.json"
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{secrets.token_hex(8)}"
        try:
            with beside.open("x", encoding="utf-8") as file:
                json.dump(request.to_json(), file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Carry out requests while no other process does.

        Raises
        ------
        BundleError
            When another one does.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / ".lock").open("a", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BundleError(f"{self._folder}: another process is at it") from None
            yield

    def _read(self, path: Path) -> ModelRequest | None:
        try:
            if path.is_symlink() or path.stat().st_size > MOST_BYTES:
                return None
            request = ModelRequest.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, BundleError):
            return None
        return request if path.name == f"{request.request_id}.json" else None


def request_id_of(at: datetime) -> str:
    """Return an id for a request of a moment (UTC)."""
    return f"{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
