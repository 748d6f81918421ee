"""Times `training.score`: BUNDLE LEADS ACTIVITIES HISTORY MAPPING OUT REASONS."""

import resource
import sys
import time

import pyarrow.parquet

from benchmarks.files import arguments, fail_unless, report
from training.score import main as score

KB_OF_A_UNIT = 1 / 1024 if sys.platform == "darwin" else 1
"""The operating system counts memory in bytes on macOS, else in kilobytes."""


def main() -> int:
    """Measure."""
    bundle, *files, out, reasons = sys.argv[1:]
    command = ["--bundle", bundle, *arguments(*files), "--out", out, "--reasons", reasons]
    started = time.perf_counter()
    fail_unless(score(command), command)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KB_OF_A_UNIT
    rows = pyarrow.parquet.read_metadata(out).num_rows
    report(seconds=seconds, mb=peak / 1024, rows=rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
