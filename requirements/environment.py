"""Makes the environment in which all other commands run: `make setup`.

Needs nothing but Python: `venv` makes the environment, pip brings uv, and uv installs what the
lock file names. Where uv cannot reach a package index, pip installs the same lock file, since
it may know a mirror or a certificate that uv does not.
"""

from __future__ import annotations  # so that an older Python gets as far as the message

import argparse
import ctypes
import importlib.util
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

OLDEST = (3, 11)
FOLDER = Path(__file__).resolve().parent
PROJECT = FOLDER.parent

NO_OPENMP = """\
libgomp.so.1 is missing on this machine, and LightGBM does not load without it. Install it with
  Debian, Ubuntu:  apt-get install libgomp1
  Fedora, RHEL:    dnf install libgomp
  Alpine:          apk add libgomp
and repeat the command."""

NO_VENV = """\
This Python cannot make environments: its module ensurepip is missing. Install it with
  Debian, Ubuntu:  apt-get install python3-venv
and repeat the command."""


def has_openmp() -> bool:
    """Return whether the system's OpenMP library loads; other systems than Linux are trusted."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


def what_is_missing(
    version: tuple[int, int], *, openmp: Callable[[], bool], ensurepip: bool
) -> str | None:
    """Return what to do before the environment can be made, None where nothing is in the way."""
    if version < OLDEST:
        return (
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, and this one is "
            f"{version[0]}.{version[1]} ({sys.executable}). "
            "Name another one: make setup PYTHON=python3.12"
        )
    if not ensurepip:
        return NO_VENV
    return None if openmp() else NO_OPENMP


class Environment:
    """The folder of an environment, and the commands that fill it.

    Parameters
    ----------
    folder : Path
        Where it is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = folder / ("Scripts" if os.name == "nt" else "bin")
        self._python = str(self._bin / "python")

    def create(self) -> None:
        """Make the folder with its Python and pip; what is already there stays."""
        venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(self.folder)

    def install(self, lock: Path) -> bool:
        """Install what a lock file names, and the project itself to be edited in place."""
        project = ["--no-deps", "--no-build-isolation", "--editable", str(PROJECT)]
        packages = ["--require-hashes", "--requirement", str(lock)]
        if all(self._run([*self._uv(), *what]) for what in (packages, project)):
            return True
        say("uv could not; pip tries the same, it may know another package index.")
        return all(self._run([*self._pip(), *what]) for what in (packages, project))

    def bring_uv(self) -> None:
        """Install uv with pip, as its own lock file names it."""
        lock = str(FOLDER / "uv.txt")
        self._run([*self._pip(), "--quiet", "--require-hashes", "--requirement", lock])

    def _pip(self) -> list[str]:
        return [self._python, "-m", "pip", "install", "--disable-pip-version-check"]

    def _uv(self) -> list[str]:
        return [str(self._bin / "uv"), "pip", "install", "--system-certs", "--python", self._python]

    def _run(self, command: Sequence[str]) -> bool:
        try:
            return subprocess.run(command, check=False).returncode == 0
        except FileNotFoundError:
            return False


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Make the environment and return the exit status."""
    options = argparse.ArgumentParser(description="Make the environment of the project.")
    options.add_argument("--folder", type=Path, default=PROJECT / ".venv", help="where to make it")
    options.add_argument("--lock", type=Path, default=FOLDER / "dev.txt", help="what to install")
    chosen = options.parse_args()
    missing = what_is_missing(
        sys.version_info[:2],
        openmp=has_openmp,
        ensurepip=importlib.util.find_spec("ensurepip") is not None,
    )
    if missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    environment = Environment(chosen.folder)
    say(f"Making the environment in {chosen.folder.name}/ with Python {sys.version.split()[0]}")
    environment.create()
    environment.bring_uv()
    say(f"Installing what {chosen.lock.name} names (a few minutes the first time)")
    if not environment.install(chosen.lock):
        sys.stderr.write(f"The packages of {chosen.lock} could not be installed; see above.\n")
        return 1
    (chosen.folder / "ready").touch()
    say("The environment is ready.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
