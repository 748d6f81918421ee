"""`python -m training.analysis`: run notebooks from top to bottom, and keep what they show."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbclient
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError
from traitlets import CaselessStrEnum

NOTEBOOKS = Path("notebooks")
OUT = Path("data/notebooks")
ERROR = 2
PATIENCE_SECONDS = 600


class LocalKernel(AsyncKernelManager):
    """Talks to a kernel over files of this machine: no port is opened."""

    transport = CaselessStrEnum(["tcp", "ipc"], default_value="ipc")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.analysis", description=__doc__)
    add = parser.add_argument
    add("notebooks", type=Path, nargs="*", help=f"default: all of {NOTEBOOKS}")
    add("--out", type=Path, default=OUT, help=f"folder of what they show; {OUT}")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run notebooks; return the exit code."""
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for path in options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        began = time.perf_counter()
        try:
            run(path, options.out / path.name)
        except CellExecutionError as error:
            sys.stderr.write(f"error: {path}: {str(error).strip().splitlines()[-1]}\n")
            return ERROR
        seconds = time.perf_counter() - began
        sys.stdout.write(f"{path.stem}: {options.out / path.name}, {seconds:.0f} s\n")
    return 0


def run(path: Path, out: Path) -> None:
    """Run a notebook in this folder, and write it with what it shows.

    Raises
    ------
    CellExecutionError
        When a cell fails.
    """
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call] # has no types
    client = nbclient.NotebookClient(
        book, timeout=PATIENCE_SECONDS, kernel_manager_class=LocalKernel
    )
    client.execute(cwd=".")
    nbformat.write(book, out)  # type: ignore[no-untyped-call] # has no types


if __name__ == "__main__":
    sys.exit(main())
