"""`python -m benchmarks.spark`: the same file by Spark and by one machine, scores or features."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from benchmarks.files import arguments
from benchmarks.growth import sample_of
from features.arrays import FloatArray, IntArray
from features.space import FeatureSpace
from models.bundle.read import read_bundle
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.parts import leads_of_part
from training.scratch import BLOCK_ROWS, Scratch, bounds, columns_of

KEY = [("lead_id", "ascending"), ("probability", "ascending")]
EXACT = ("score", "label", "reasons")
CLOSE = 1e-9


def main(given: Sequence[str] | None = None) -> int:
    """Print the seconds of both, and by how much they differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--bundle", type=Path, required=True, help="folder of the model")
    parser.add_argument("--features", action="store_true", help="compare features, not scores")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--reasons", default="0")
    parser.add_argument("--folder", type=Path, help="for samples; by default one that goes")
    options = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = sample_of(options.folder or folder, options.leads)
        asked = [*arguments(*map(str, files)), "--bundle", str(options.bundle)]
        job = features if options.features else scores
        found = job(asked, files, folder, options)
    for name, one in found.seconds.items():
        rate = found.rows / one
        sys.stdout.write(f"{name}: {one:.1f} s, {rate:,.0f} leads/s, start included\n")
    sys.stdout.write(f"{found.rows:,} leads: {found.told} (load {os.getloadavg()[0]:.1f})\n")
    return int(found.differ)


class Found(NamedTuple):
    """What both took, and how they differ.

    Parameters
    ----------
    seconds : mapping of str to float
    rows : int
        Leads.
    told : str
        How the two differ.
    differ : bool
        Whether by more than is allowed.
    """

    seconds: dict[str, float]
    rows: int
    told: str
    differ: bool


def scores(
    asked: Sequence[str], files: Sequence[Path], folder: Path, options: argparse.Namespace
) -> Found:
    """Score by both, and compare."""
    asked = [*asked, "--reasons", options.reasons]
    alone, spread = folder / "alone.parquet", folder / "spread.parquet"
    on_spark = ["score", *asked, "--out", str(spread), "--master", options.master]
    seconds = {
        "one machine": timed("training.score", [*asked, "--out", str(alone)]),
        options.master: timed("training.spark", on_spark),
    }
    found = compared(alone, spread)
    apart = ", ".join(f"{count} {name}s" for name, count in found.apart.items())
    told = f"probabilities differ by {found.difference:.1e} at most; not the same are {apart}"
    differ = found.difference > CLOSE or any(found.apart.values())
    return Found(seconds, found.rows, told, differ)


def features(
    asked: Sequence[str], files: Sequence[Path], folder: Path, options: argparse.Namespace
) -> Found:
    """Compute the features of all leads by both, and compare each number, to the bit."""
    spread = folder / "spread.parquet"
    on_spark = ["features", *asked, "--out", str(spread), "--master", options.master]
    seconds = {options.master: timed("training.spark", on_spark)}
    leads, activities, history, mapping = files
    space = read_bundle(options.bundle).manifest.space
    names = [feature.name for feature in space.features]
    begin = time.perf_counter()
    export = read_export(
        leads,
        load_mapping(mapping),
        activities=activities,
        history=history,
        require_outcome=False,
    )
    with Scratch(0) as scratch:
        kept = scratch.keep(numbers(export, space), len(names))
        seconds["one machine"] = time.perf_counter() - begin
        order = order_of(spread, export)
        apart, cells = 0, 0
        for name, column in zip(names, columns_of(kept, range(len(names))), strict=True):
            other = pyarrow.parquet.read_table(spread, columns=[name])[name].to_numpy()[order]
            apart += int((column.view(np.int64) != other.view(np.int64)).sum())
            cells += int(np.isfinite(column).sum())
    told = (
        f"{apart:,} of {export.n_rows * len(names):,} numbers differ in any bit, of {len(names)} "
        f"features each; {cells:,} are not missing"
    )
    return Found(seconds, export.n_rows, told, apart > 0)


def numbers(export: Export, space: FeatureSpace) -> Iterator[FloatArray]:
    """Yield the features of leads at the latest moment, some leads at a time."""
    for begin, end in bounds(export.n_rows, BLOCK_ROWS):
        rows = np.arange(begin, end)
        leads = leads_of_part(export, rows, np.full(len(rows), export.data_end))
        yield space.build(leads, export.activities.take(rows)).values


def order_of(spread: Path, export: Export) -> IntArray:
    """Return where each row of an export is among those of Spark.

    Raises
    ------
    SystemExit
        When the two do not hold the same leads.
    """
    found = pyarrow.parquet.read_table(spread, columns=["lead_id", "episode"])
    place = {
        key: row
        for row, key in enumerate(
            zip(found["lead_id"].to_pylist(), found["episode"].to_pylist(), strict=True)
        )
    }
    order = [
        place.pop(key, -1) for key in zip(export.lead_id, export.episode.tolist(), strict=True)
    ]
    if place or -1 in order:
        raise SystemExit("Spark found features of other leads than one machine")
    return np.array(order)


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
