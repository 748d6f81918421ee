"""Times `training.train`: LEADS ACTIVITIES HISTORY MAPPING OUT [SETTINGS]."""

import sys
import time

import pyarrow.parquet

from benchmarks.files import arguments, fail_unless, report
from benchmarks.scoring import peak_mb
from training.train import main as train


def main() -> int:
    """Measure."""
    leads, activities, history, mapping, out, *settings = sys.argv[1:]
    files = arguments(leads, activities, history, mapping)
    command = [*files, "--no-register", "--out", out, *settings]
    started, used = time.perf_counter(), time.process_time()
    fail_unless(train(command), command)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    rows = pyarrow.parquet.read_metadata(leads).num_rows
    report(seconds=seconds, cpu=cpu, mb=peak_mb(), rows=rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
