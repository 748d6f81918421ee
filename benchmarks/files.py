"""Time and memory of whole commands on files: training, and scoring a file of leads."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MAPPING = Path("training/mappings/simulated.toml")
TO_LEARN = 10_000


def of_files(folder: Path, *, n_leads: int, to_learn: int = TO_LEARN) -> list[tuple[str, str]]:
    """Return what training takes beside a bare fit, and what scoring a file takes.

    Parameters
    ----------
    folder : Path
        For samples and results.
    n_leads : int
        Leads of the file to be scored, in Parquet, with about 10 activities each.
    to_learn : int
        Leads to learn from.
    """
    learned = measured("benchmarks.fitting", *sample(folder / "learn", to_learn), folder / "out")
    bundle = folder / "out" / "bundle"
    parts = sample(folder / "score", n_leads)
    plain, explained = (
        measured("benchmarks.scoring", bundle, *parts, folder / "scored.parquet", reasons)
        for reasons in (0, 3)
    )
    found = [
        ("training, whole command", f"{learned['seconds']:.0f} s for {to_learn:,} leads"),
        (
            "bare LightGBM fit, same matrix",
            f"{learned['bare']:.2f} s for {learned['rows']:,} rows; "
            f"training is {learned['seconds'] / learned['bare']:.0f} times that",
        ),
    ]
    for name, one in (("file, no reasons", plain), ("file, 3 reasons each", explained)):
        rate = one["rows"] / one["seconds"]
        found.append((f"{name} ({one['rows']:,} rows)", f"{rate:,.0f} rows/s, {one['mb']:,.0f} MB"))
    return found


def sample(folder: Path, n_leads: int) -> tuple[Path, Path, Path, Path]:
    """Return leads, activities, history and mapping of a sample CRM."""
    command = [sys.executable, "-m", "training.simulate", "--out", str(folder)]
    command += ["--leads", str(n_leads), "--format", "parquet"]
    subprocess.run(command, check=True, capture_output=True)
    leads, activities, history = (
        folder / f"{name}.parquet" for name in ("leads", "activities", "history")
    )
    return leads, activities, history, MAPPING


def arguments(leads: str, activities: str, history: str, mapping: str) -> list[str]:
    """Return how a command is told of a sample."""
    found = ["--leads", leads, "--activities", activities, "--history", history]
    return [*found, "--mapping", mapping, "--quiet"]


def measured(module: str, *parts: Path | int | str) -> dict[str, Any]:
    """Return what a measuring process prints."""
    command = [sys.executable, "-m", module, *map(str, parts)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def report(**figures: float) -> None:
    """Print what was measured, as `measured` reads it."""
    sys.stdout.write(f"{json.dumps(figures)}\n")


def fail_unless(code: int, what: Sequence[str]) -> None:
    """End the process when a command did not succeed."""
    if code:
        raise SystemExit(f"{' '.join(what)} ended with {code}")
