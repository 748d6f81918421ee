"""What common shortcuts promise on olist, and what came: the table of the README."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from features.arrays import BoolArray, IntArray
from features.moment import DAY, to_moment
from models.score.points import probability_of
from training.config import TrainingConfig
from training.data.delays import Delays, naive_day_of
from training.data.export import WON, Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.evaluate.metrics import Predictions, all_metrics
from training.learners.logistic import LogisticLearner
from training.snapshots import Snapshots, take_snapshots
from training.split import newest_start, split_at
from training.table import build_table, course_of, fit_space

PROJECT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data")) / "olist"
HORIZON = 90
CUT = to_moment(datetime(2018, 4, 1, tzinfo=UTC))
CONFIG = TrainingConfig()
SHOWN = ("n", "base_rate", "roc_auc", "lift_at_10", "log_loss", "observed_expected")

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(
        not DATA.is_dir(), reason=f"the data set olist is not at {DATA} (LEAD_SCORING_REAL_DATA)"
    ),
]

Figures = dict[str, float]


@pytest.fixture(scope="module")
def olist() -> Export:
    mapping = load_mapping(PROJECT / "training" / "mappings" / "olist.toml")
    return read_export(DATA / "olist_marketing_qualified_leads_dataset.csv", mapping)


def known_at(export: Export, moment: int) -> BoolArray:
    """Return which leads were seen to be won at a moment."""
    return np.asarray((export.outcome == WON) & (export.outcome_at < moment))


def judged(export: Export, rows: Snapshots, train: IntArray, test: IntArray) -> Figures:
    """Return how a logistic regression on some rows does on others, as it comes."""
    table = build_table(export, rows, fit_space(export, rows.take(train)), (0,))
    learner = LogisticLearner(CONFIG.evaluating, CONFIG.seed)
    probability = probability_of(learner.fit(table.take(train), 0).margin(table.take(test)))
    found = all_metrics(Predictions.of(probability, rows.target[test]))
    return {name: found[name] for name in SHOWN}


def splits(export: Export) -> dict[str, Figures]:
    """Return the figures that each way to split gives, and what a model at the time reached."""
    rows, _ = take_snapshots(course_of(export), HORIZON, (0,))
    start = newest_start(rows.created, 0.2)
    split = split_at(rows, export.group, start)
    newest = rows.created >= start
    part = np.random.default_rng(CONFIG.seed).permutation(rows.n_rows)
    fifth = rows.n_rows // 5
    return {
        "came": judged(export, rows, split.train, split.judge),
        "random split": judged(export, rows, part[fifth:], part[:fifth]),
        "no purging": judged(export, rows, np.flatnonzero(~newest), np.flatnonzero(newest)),
    }


def young_as_lost(export: Export) -> tuple[float, float]:
    """Return the share won of the newest fifth of leads at a moment, as seen and as it came.

    The moment is the first day of the newest fifth of all leads.
    """
    rows, _ = take_snapshots(course_of(export), HORIZON, (0,))
    start = newest_start(rows.created, 0.2)
    rows = rows.take(rows.created < start)
    rows = rows.take(rows.created >= newest_start(rows.created, 0.2))
    seen = known_at(export, int(start * DAY))[rows.lead]
    return float(seen.mean()), float(rows.target.mean())


def naive_horizon(export: Export) -> tuple[float, float]:
    """Return the day of 90 % of wins seen at the cut, and the share that came by it."""
    before = (export.outcome == WON) & (export.created_at < CUT)
    before &= export.outcome_at >= export.created_at
    delay = (export.outcome_at - export.created_at) / DAY
    known = before & known_at(export, CUT)
    seen = Delays.of(export.created_at[known], export.outcome_at[known], CUT)
    day = naive_day_of(seen, 0.9)
    return day, float((delay[before] <= day).mean())


def test_what_shortcuts_promise(olist: Export, capsys: pytest.CaptureFixture[str]) -> None:
    found = splits(olist)
    seen, came = young_as_lost(olist)
    day, by_then = naive_horizon(olist)
    with capsys.disabled():
        for name, figures in found.items():
            told = "  ".join(f"{key} {value:.4g}" for key, value in figures.items())
            sys.stdout.write(f"\n{name:14}{told}")
        sys.stdout.write(f"\nyoung leads counted as lost: {seen:.1%} won, {came:.1%} came")
        sys.stdout.write(f"\nnaive: 90 % of wins within {int(day)} days, {by_then:.1%} came\n")
    for name in ("random split", "no purging"):
        assert found[name]["log_loss"] < found["came"]["log_loss"] - 0.02
        assert abs(found[name]["observed_expected"] - 1.0) < 0.15
    assert found["came"]["observed_expected"] > 2.0
    assert seen < 0.65 * came
    assert int(day) == 40
    assert by_then < 0.7
