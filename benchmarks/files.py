"""Time and memory of whole commands on files: training, and scoring a file of leads."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

MAPPING = Path("training/mappings/simulated.toml")
TO_LEARN = 10_000
REPEATED = 7
"""Every so many activities one comes twice, so that a lead has ten instead of nine."""


def of_files(folder: Path, *, n_leads: int, to_learn: int = TO_LEARN) -> list[tuple[str, str]]:
    """Return what training takes beside a bare fit, and what scoring a file takes.

    Parameters
    ----------
    folder : Path
        For samples and results.
    n_leads : int
        Leads of the file to be scored, in Parquet, with 10 activities each.
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
    """Return leads, activities, history and mapping of a sample CRM, with 10 activities a lead."""
    command = [sys.executable, "-m", "training.simulate", "--out", str(folder)]
    command += ["--leads", str(n_leads), "--format", "parquet"]
    subprocess.run(command, check=True, capture_output=True)
    leads, activities, history = (
        folder / f"{name}.parquet" for name in ("leads", "activities", "history")
    )
    make_busier(activities)
    return leads, activities, history, MAPPING


def make_busier(activities: Path) -> None:
    """Let some activities come again a second later, each in its place of the order."""
    file, busier = pa.parquet.ParquetFile(activities), activities.with_suffix(".busier")
    second = pa.scalar(1_000, pa.duration("ms"))
    with pa.parquet.ParquetWriter(busier, file.schema_arrow) as writer:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            row = np.arange(rows.num_rows)
            order = np.repeat(row, 1 + (row % REPEATED == 0))
            again = pa.array(np.append(False, order[1:] == order[:-1]))
            table = rows.take(pa.array(order))
            for name in ("occurred_at", "recorded_at"):
                place, at = table.schema.get_field_index(name), table[name]
                later = pc.if_else(again, pc.add(at, second), at)
                table = table.set_column(place, table.schema.field(name), later)
            writer.write_table(table)
    busier.replace(activities)


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
