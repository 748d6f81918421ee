"""What has to be so before a process begins to answer."""

import errno
import socket
import sys

from features.errors import BundleError
from models.bundle.folder import ArtifactFolder
from service.errors import StoreError
from service.settings import LOOPBACK, Settings
from service.store.keys import read_keys
from service.store.sql import SqlStore

ERROR = 2


def access_problem(settings: Settings, store: SqlStore | None) -> str | None:
    """Return why the service must not listen where it was told to, None where it may.

    Without a key only this machine may ask. While the database does not answer nobody may.
    """
    if settings.host in LOOPBACK:
        return None
    if store is not None:
        try:
            if store.reading(read_keys):
                return None
        except StoreError as error:
            return str(error)
    return (
        f"{settings.host} is reached from elsewhere and there are no keys; make one: "
        "python -m service.keys make crm --scopes score,write"
    )


def check_dataset(settings: Settings) -> None:
    """Make sure that it is clear whose champion is to be served.

    Raises
    ------
    BundleError
        When there are several datasets, or the chosen one has no champion.
    """
    folder = ArtifactFolder(settings.artifacts)
    if settings.dataset is None:
        folder.only_dataset()
    elif settings.dataset not in folder.datasets():
        known = ", ".join(folder.datasets()) or "none"
        raise BundleError(
            f"{settings.artifacts} has no champion of the dataset {settings.dataset!r}; "
            f"there are: {known}"
        )


def check_port(settings: Settings) -> None:
    """Make sure that the port is free.

    Raises
    ------
    OSError
        When it is not.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((settings.host, settings.port))


def port_problem(settings: Settings, error: OSError) -> str:
    """Return what is wrong with the address."""
    address = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return f"{address} is taken by another program; choose another LEAD_SCORING_PORT"
    return f"{address}: {error.strerror}"


def fail(message: str) -> int:
    """Say what is wrong; return the exit code."""
    sys.stderr.write(f"error: {message}\n")
    return ERROR
