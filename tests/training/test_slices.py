"""Promises of the slices that agreements are made on."""

import numpy as np

from features.arrays import IntArray
from models.bundle.reference import CALIBRATION, TEST, TRAINING
from training.slices import NO_SLICE, slices_of
from training.snapshots import Snapshots
from training.split import Origin


def looked_at_once(n: int) -> Snapshots:
    """Return one row for each lead, a day apart."""
    day = np.arange(n, dtype=np.float64)
    nothing = np.zeros(n)
    moments = np.arange(n)
    return Snapshots(moments, np.zeros(n, np.int64), moments, day, day, nothing, nothing, 0.0)


def origin(judge: IntArray, at: float) -> Origin:
    return Origin(at, np.zeros(0, np.int64), judge, 0, 0)


def test_time_parts_leads_into_training_calibration_and_test() -> None:
    judged = np.arange(4, 10)
    found = slices_of(looked_at_once(10), np.arange(10), judged, [origin(judged, 4.0)], 8.0)
    assert found.tolist() == [TRAINING] * 4 + [CALIBRATION] * 4 + [TEST] * 2


def test_accounts_of_later_leads_teach_nothing() -> None:
    group = np.arange(10)
    group[1] = group[9]
    judged = np.arange(4, 10)
    found = slices_of(looked_at_once(10), group, judged, [origin(judged, 4.0)], 8.0)
    assert found[1] == NO_SLICE


def test_where_parts_stand_for_moments_some_of_them_teach() -> None:
    parts = [np.arange(start, 20, 5) for start in range(5)]
    origins = [origin(part, np.nan) for part in parts]
    found = slices_of(looked_at_once(20), np.arange(20), np.concatenate(parts), origins, 15.0)
    assert (found[15:] == TEST).all()
    teaching = np.isin(np.arange(15), np.concatenate(parts[:2]))
    assert (found[:15][teaching] == TRAINING).all()
    assert (found[:15][~teaching] == CALIBRATION).all()


def test_where_only_the_test_was_predicted_nothing_can_draw_lines() -> None:
    judged = np.arange(8, 10)
    found = slices_of(looked_at_once(10), np.arange(10), judged, [], 8.0)
    assert found.tolist() == [TRAINING] * 8 + [TEST] * 2
