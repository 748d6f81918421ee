"""`python -m benchmarks.growth`: time and memory of training and bulk scoring as leads grow.

Every point is kept as a line of `data/growth.jsonl`, so that points can be measured one by one,
each when there is time for it; the tables are put together from the newest line of each.
"""

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.files import measured, sample

SIZES = (10_000, 100_000, 1_000_000)
STEEPEST = 1.05
"""Time may grow with leads to this power."""
KEPT = Path("data/growth.jsonl")
TRAINING, SCORING = "training", "scoring"
Point: TypeAlias = dict[str, Any]
"""What was measured: `what`, `asked` leads, `reasons`, `rows`, `seconds`, `cpu`, `mb`, `load`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, then print the tables of all that is kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=SIZES, help="for both")
    parser.add_argument("--train", type=int, nargs="*", help="leads to learn from")
    parser.add_argument("--score", type=int, nargs="*", help="leads to score")
    parser.add_argument("--reasons", type=int, nargs="+", default=(0, 3), help="of each lead")
    parser.add_argument("--set", action="append", default=[], help="setting of training")
    parser.add_argument("--bundle", type=Path, help="model that scores; by default one is trained")
    parser.add_argument("--folder", type=Path, help="for samples; by default one that goes")
    parser.add_argument("--kept", type=Path, default=KEPT, help=f"file of results; {KEPT}")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    options = parser.parse_args(arguments)
    if not options.table:
        with tempfile.TemporaryDirectory() as place:
            for point in points(options, options.folder or Path(place)):
                keep(options.kept, point)
                sys.stdout.write(f"{line(point)}\n")
                sys.stdout.flush()
    for table in tables(newest(options.kept)):
        sys.stdout.write(f"\n{table}\n")
    return 0


def points(options: argparse.Namespace, folder: Path) -> Iterator[Point]:
    """Yield what is measured, the smallest first."""
    to_train = options.leads if options.train is None else options.train
    to_score = options.leads if options.score is None else options.score
    for n in sorted(to_train):
        yield trained(folder, n, options.set)
    bundle = options.bundle or folder / "out" / "bundle"
    if to_score and not bundle.is_dir():
        yield trained(folder, min(SIZES), [])
    for n in sorted(to_score):
        for reasons in options.reasons:
            yield scored(folder, bundle, n, reasons)


def trained(folder: Path, n_leads: int, settings: Sequence[str]) -> Point:
    """Return what a training takes."""
    sets = [f"--set={setting}" for setting in settings]
    files = sample_of(folder, n_leads)
    found = measured("benchmarks.training", *files, folder / "out", *sets)
    return point(f"{TRAINING} {' '.join(settings)}".strip(), n_leads, 0, found)


def scored(folder: Path, bundle: Path, n_leads: int, reasons: int) -> Point:
    """Return what scoring a file takes."""
    files, out = sample_of(folder, n_leads), folder / "scored.parquet"
    found = measured("benchmarks.scoring", bundle, *files, out, reasons)
    out.unlink()
    return point(SCORING, n_leads, reasons, found)


def point(what: str, n_leads: int, reasons: int, found: Point) -> Point:
    """Return a measurement with the load of the machine, which may be shared."""
    load = round(os.getloadavg()[0], 1)
    return {"what": what, "asked": n_leads, "reasons": reasons, "load": load, **found}


def sample_of(folder: Path, n_leads: int) -> tuple[Path, ...]:
    """Return the files of a sample, made where they are not there."""
    place = folder / str(n_leads)
    names = ("leads", "activities", "history")
    files = tuple(place / f"{name}.parquet" for name in names)
    if all(path.is_file() for path in files):
        return (*files, Path("training/mappings/simulated.toml"))
    return sample(place, n_leads)


def keep(path: Path, point: Point) -> None:
    """Add a line to the file of results."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(point)}\n")


def newest(path: Path) -> list[Point]:
    """Return the newest line of each point, in the order of their leads."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = {}
    for point in map(json.loads, lines):
        found[point["what"], point["reasons"], point["asked"]] = point
    return sorted(found.values(), key=lambda one: one["rows"])


def tables(found: Sequence[Point]) -> Iterator[str]:
    """Yield a table for each kind of work, with the slope of its time."""
    for what, reasons in sorted({(one["what"], one["reasons"]) for one in found}):
        own = [one for one in found if (one["what"], one["reasons"]) == (what, reasons)]
        name = what if what != SCORING else f"{what} with {reasons} reasons"
        rows = [f"| {name} | leads/s | seconds | CPU seconds | peak memory | load |"]
        rows += ["| --- | --- | --- | --- | --- | --- |", *map(line, own)]
        yield "\n".join([*rows, *slopes(own)])


def line(one: Point) -> str:
    """Return a measurement as a row."""
    seconds, rows = one["seconds"], one["rows"]
    return (
        f"| {rows:,} | {rows / seconds:,.0f} | {seconds:,.0f} | {one['cpu']:,.0f} "
        f"| {one['mb']:,.0f} MB | {one['load']} |"
    )


def slopes(own: Sequence[Point]) -> Iterator[str]:
    """Yield how time grows from each size to the next, and from the first to the last."""
    pairs = list(pairwise(own))
    if len(own) > 2:
        pairs.append((own[0], own[-1]))
    for few, many in pairs:
        power, cpu = (slope(few, many, of) for of in ("seconds", "cpu"))
        yield (
            f"{few['rows']:,} to {many['rows']:,} leads: time grows to the power of {power:.2f}, "
            f"CPU time of {cpu:.2f}; required: at most {STEEPEST}"
        )


def slope(few: Point, many: Point, of: str) -> float:
    """Return the slope between two points on logarithmic axes."""
    return math.log(many[of] / few[of]) / math.log(many["rows"] / few["rows"])


if __name__ == "__main__":
    sys.exit(main())
