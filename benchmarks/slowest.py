"""`python -m benchmarks.slowest FILE MODULE`: run a module, its statements' times in a file."""

import runpy
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event

ABOUT_CHARACTERS = 60


def note(file: Path) -> None:
    """Write down of each statement how many ms it took, and how it begins."""
    out = file.open("a", encoding="utf-8", buffering=1)

    @event.listens_for(Engine, "before_cursor_execute")
    def begins(connection: Any, *_: Any) -> None:
        connection.info["began"] = perf_counter()

    @event.listens_for(Engine, "after_cursor_execute")
    def ends(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        took = 1000 * (perf_counter() - connection.info["began"])
        begin = " ".join(statement.split())
        tables = begin.partition(" FROM ")[2] or begin
        out.write(f"{took:.1f}\t{tables[:ABOUT_CHARACTERS]}\n")


def read(file: Path, after: int = 0) -> list[tuple[float, str]]:
    """Return what was written down after so many statements."""
    lines = file.read_text(encoding="utf-8").splitlines()[after:]
    return [(float(took), about) for took, _, about in (line.partition("\t") for line in lines)]


if __name__ == "__main__":
    note(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
