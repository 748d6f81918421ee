"""Times `training.train`: LEADS ACTIVITIES HISTORY MAPPING OUT."""

import sys
import time

from benchmarks.files import arguments, fail_unless, report
from benchmarks.scoring import peak_mb
from training.train import main as train


def main() -> int:
    """Measure."""
    *files, out = sys.argv[1:]
    command = [*arguments(*files), "--no-register", "--out", out]
    started = time.perf_counter()
    fail_unless(train(command), command)
    report(seconds=time.perf_counter() - started, mb=peak_mb())
    return 0


if __name__ == "__main__":
    sys.exit(main())
