"""`python -m benchmarks.spark`: the same file scored by Spark and by one machine."""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from benchmarks.files import arguments, sample

KEY = [("lead_id", "ascending"), ("probability", "ascending")]


def main(given: Sequence[str] | None = None) -> int:
    """Print the seconds of both, and by how much they differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the model")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--reasons", default="0")
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        leads, activities, history, mapping = map(str, sample(folder / "sample", options.leads))
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
        rows, difference, labels = compared(alone, spread)
    for name, one in seconds.items():
        sys.stdout.write(f"{name}: {one:.1f} s, {rows / one:,.0f} leads/s, start included\n")
    sys.stdout.write(
        f"{rows:,} leads: probabilities differ by {difference:.1e} at most, {labels} labels do\n"
    )
    return 0


def timed(module: str, options: Sequence[str]) -> float:
    """Return the seconds that a command takes."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", module, *options]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def compared(alone: Path, spread: Path) -> tuple[int, float, int]:
    """Return the rows, the largest difference of probabilities, and how many labels differ.

    Raises
    ------
    SystemExit
        When the two do not hold the same leads.
    """
    one, other = (sorted_rows(path) for path in (alone, spread))
    if not one["lead_id"].equals(other["lead_id"]):
        raise SystemExit("Spark scored other leads than one machine")
    difference = pc.max(pc.abs(pc.subtract(one["probability"], other["probability"]))).as_py()
    labels = pc.sum(pc.not_equal(one["label"], other["label"])).as_py()
    return one.num_rows, float(difference), int(labels)


def sorted_rows(path: Path) -> pa.Table:
    """Return answers in the order of their leads."""
    columns = ["lead_id", "probability", "label"]
    return pa.parquet.read_table(path, columns=columns).sort_by(KEY)


if __name__ == "__main__":
    sys.exit(main())
