"""`python -m benchmarks.spark`: the same file scored by Spark and by one machine."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from benchmarks.files import arguments
from benchmarks.growth import sample_of

KEY = [("lead_id", "ascending"), ("probability", "ascending")]
EXACT = ("score", "label", "reasons")
CLOSE = 1e-9


def main(given: Sequence[str] | None = None) -> int:
    """Print the seconds of both, and by how much they differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the model")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--reasons", default="0")
    parser.add_argument("--folder", type=Path, help="for samples; by default one that goes")
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = sample_of(options.folder or folder, options.leads)
        leads, activities, history, mapping = map(str, files)
        asked = arguments(leads, activities, history, mapping)
        asked += ["--bundle", str(options.bundle), "--reasons", options.reasons]
        alone, spread = folder / "alone.parquet", folder / "spread.parquet"
        seconds = {
            "one machine": timed("training.score", [*asked, "--out", str(alone)]),
            options.master: timed(
                "training.spark",
                ["score", *asked, "--out", str(spread), "--master", options.master],
            ),
        }
        found = compared(alone, spread)
    for name, one in seconds.items():
        rate = found.rows / one
        sys.stdout.write(f"{name}: {one:.1f} s, {rate:,.0f} leads/s, start included\n")
    apart = ", ".join(f"{count} {name}s" for name, count in found.apart.items())
    sys.stdout.write(
        f"{found.rows:,} leads: probabilities differ by {found.difference:.1e} at most; not the "
        f"same are {apart} (load {os.getloadavg()[0]:.1f})\n"
    )
    return int(found.difference > CLOSE or any(found.apart.values()))


def timed(module: str, options: Sequence[str]) -> float:
    """Return the seconds that a command takes."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", module, *options]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


class Compared(NamedTuple):
    """How two files of answers differ.

    Parameters
    ----------
    rows : int
    difference : float
        The largest of two probabilities.
    apart : mapping of str to int
        How many scores, labels and reasons are not the same.
    """

    rows: int
    difference: float
    apart: dict[str, int]


def compared(alone: Path, spread: Path) -> Compared:
    """Return how two files of answers differ.

    Raises
    ------
    SystemExit
        When the two do not hold the same leads.
    """
    one, other = (sorted_rows(path) for path in (alone, spread))
    if not one["lead_id"].equals(other["lead_id"]):
        raise SystemExit("Spark scored other leads than one machine")
    difference = pc.max(pc.abs(pc.subtract(one["probability"], other["probability"]))).as_py()
    apart = {
        name.removesuffix("s"): int(pc.sum(pc.not_equal(one[name], other[name])).as_py())
        for name in EXACT
    }
    return Compared(one.num_rows, float(difference), apart)


def sorted_rows(path: Path) -> pa.Table:
    """Return answers in the order of their leads."""
    return pa.parquet.read_table(path, columns=["lead_id", "probability", *EXACT]).sort_by(KEY)


if __name__ == "__main__":
    sys.exit(main())
