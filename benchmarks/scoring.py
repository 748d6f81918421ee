"""Times `training.score`: BUNDLE LEADS ACTIVITIES HISTORY MAPPING OUT REASONS."""

import resource
import sys
import time
from pathlib import Path

import pyarrow.parquet

from benchmarks.files import arguments, fail_unless, report
from training.score import main as score

STATUS = Path("/proc/self/status")


def main() -> int:
    """Measure."""
    bundle, *files, out, reasons = sys.argv[1:]
    command = ["--bundle", bundle, *arguments(*files), "--out", out, "--reasons", reasons]
    started, used = time.perf_counter(), time.process_time()
    fail_unless(score(command), command)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    rows = pyarrow.parquet.read_metadata(out).num_rows
    report(seconds=seconds, cpu=cpu, mb=peak_mb(), rows=rows)
    return 0


def peak_mb() -> float:
    """Return the most memory that this process has had.

    Where the system says so itself: what it tells of a process's use of resources begins with
    the memory of the process that started it.
    """
    if STATUS.exists():
        words = STATUS.read_text().split("VmHWM:")[1].split()
        return int(words[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    sys.exit(main())
