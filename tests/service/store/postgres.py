"""A PostgreSQL of the tests' own, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.required import missing

USER = "postgres"


def installed() -> list[Path]:
    """Return where the programs of PostgreSQL are, the newest last."""
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL; end the test where there is none."""
    found = installed()
    if not found:
        missing("no PostgreSQL under /usr/lib/postgresql")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        missing("PostgreSQL refuses root, and there is no setpriv")
    return found[-1].parent


def as_owner(command: list[str], folder: Path) -> None:
    """Run a command as the user that PostgreSQL wants."""
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


class Postgres:
    """A server that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = binaries()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        initdb = [str(self.programs / "initdb"), "-D", "data", "-U", USER, "-A", "trust"]
        if not (folder / "data").exists():
            as_owner([*initdb, "-E", "UTF8", "--no-sync"], folder)

    def url(self, database: str = USER) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        control = [str(self.programs / "pg_ctl"), "-D", "data", "-w", "-l", "log"]
        as_owner([*control, "-o", options, "start"], self.folder)

    def stop(self, how: str = "immediate") -> None:
        control = [str(self.programs / "pg_ctl"), "-D", "data", "-w", "-m", how]
        as_owner([*control, "stop"], self.folder)


@contextmanager
def running(kept: Path | None = None) -> Iterator[Postgres]:
    """Run a server until it is no longer needed; a folder that is kept stays."""
    binaries()
    folder = kept or Path(tempfile.mkdtemp(prefix="lead-scoring-", dir="/tmp"))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    server = Postgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate" if kept is None else "fast")
        if kept is None:
            shutil.rmtree(folder)
