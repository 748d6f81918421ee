"""`python -m benchmarks.growth`: time and memory of training and bulk scoring as leads grow."""

import argparse
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.files import measured, sample

SIZES = (10_000, 100_000, 1_000_000)
STEEPEST = 1.05
"""Time may grow with leads to this power."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print one line for each size, then the slopes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=SIZES, help="for both")
    parser.add_argument("--train", type=int, nargs="*", help="leads to learn from")
    parser.add_argument("--score", type=int, nargs="*", help="leads to score")
    parser.add_argument("--folder", type=Path, help="for samples; by default one that goes")
    options = parser.parse_args(arguments)
    to_train = options.leads if options.train is None else options.train
    to_score = options.leads if options.score is None else options.score
    with tempfile.TemporaryDirectory() as place:
        folder = options.folder or Path(place)
        bundle = folder / "out" / "bundle"
        if to_train:
            tell_slope("training", [(n, trained(folder, n)) for n in sorted(to_train)])
        if to_score and not bundle.is_dir():
            trained(folder, min(to_train or SIZES))
        for reasons in (0, 3) if to_score else ():
            found = [(n, scored(folder, bundle, n, reasons)) for n in sorted(to_score)]
            tell_slope(f"scoring with {reasons} reasons", found)
    return 0


def trained(folder: Path, n_leads: int) -> float:
    """Return the seconds of a training."""
    found = measured("benchmarks.training", *sample_of(folder, n_leads), folder / "out")
    tell(f"training, {n_leads:,} leads", found["seconds"], found["mb"])
    return float(found["seconds"])


def scored(folder: Path, bundle: Path, n_leads: int, reasons: int) -> float:
    """Return the seconds of scoring a file."""
    files = sample_of(folder, n_leads)
    found = measured("benchmarks.scoring", bundle, *files, folder / "scored.parquet", reasons)
    rate = found["rows"] / found["seconds"]
    what = f"scoring, {found['rows']:,} leads, {reasons} reasons, {rate:,.0f} rows/s"
    tell(what, found["seconds"], found["mb"])
    return float(found["seconds"])


def sample_of(folder: Path, n_leads: int) -> tuple[Path, ...]:
    """Return the files of a sample, made where they are not there."""
    place = folder / str(n_leads)
    names = ("leads", "activities", "history")
    files = tuple(place / f"{name}.parquet" for name in names)
    if all(path.is_file() for path in files):
        return (*files, Path("training/mappings/simulated.toml"))
    return sample(place, n_leads)


def tell(what: str, seconds: float, mb: float) -> None:
    """Print one measurement with the load of the machine, which may be shared."""
    load = os.getloadavg()[0]
    sys.stdout.write(f"{what}: {seconds:,.0f} s, peak {mb:,.0f} MB (load {load:.1f})\n")
    sys.stdout.flush()


def tell_slope(what: str, found: Sequence[tuple[int, float]]) -> None:
    """Print how time grows with leads: the slope between the ends on logarithmic axes."""
    (least, quick), (most, slow) = found[0], found[-1]
    if most > least:
        slope = math.log(slow / quick) / math.log(most / least)
        sys.stdout.write(f"{what}: time grows with leads to the power of {slope:.2f}, ")
        sys.stdout.write(f"required: at most {STEEPEST}\n")


if __name__ == "__main__":
    sys.exit(main())
