"""Times `training.train` and a bare fit: LEADS ACTIVITIES HISTORY MAPPING OUT."""

import sys
import time
from pathlib import Path

import lightgbm

from benchmarks.files import arguments, fail_unless, report
from benchmarks.servers import TREES
from training.config import TrainingConfig
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.snapshots import take_snapshots
from training.table import Table, build_table, course_of, fit_space
from training.train import main as train


def main() -> int:
    """Measure."""
    *files, out = sys.argv[1:]
    command = [*arguments(*files), "--no-register", "--out", out]
    started = time.perf_counter()
    fail_unless(train(command), command)
    seconds = time.perf_counter() - started
    table = table_of(*map(Path, files))
    bare = seconds_of_bare_fit(table)
    report(seconds=seconds, bare=bare, rows=table.n_rows)
    return 0


def table_of(leads: Path, activities: Path, history: Path, mapping: Path) -> Table:
    """Return the matrix that the served model is fitted on."""
    meant = load_mapping(mapping)
    export = read_export(leads, meant, activities=activities, history=history)
    days = meant.snapshot_days
    snapshots, _ = take_snapshots(course_of(export), meant.horizon_days, days)
    return build_table(export, snapshots, fit_space(export, snapshots), days)


def seconds_of_bare_fit(table: Table) -> float:
    """Return what LightGBM alone takes with the default settings of the trees."""
    boosting = TrainingConfig().boosting
    settings = {
        "objective": "binary",
        "learning_rate": boosting.learning_rate,
        "num_leaves": boosting.leaves,
        "max_depth": boosting.depth,
        "feature_fraction": boosting.feature_share,
        "bagging_fraction": boosting.row_share,
        "bagging_freq": 1,
        "lambda_l2": boosting.l2,
        "verbosity": -1,
    }
    started = time.perf_counter()
    data = lightgbm.Dataset(table.X, table.target, weight=table.weight)
    lightgbm.train(settings, data, num_boost_round=TREES)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
