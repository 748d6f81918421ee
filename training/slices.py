"""Which leads teach criteria, which draw lines, and which judge both."""

from collections.abc import Sequence

import numpy as np

from features.arrays import CodeArray, IntArray
from models.bundle.reference import CALIBRATION, TEST, TRAINING
from training.snapshots import Snapshots
from training.split import Origin

NO_SLICE = -1
FOLDS_SHARE = 0.4
"""Share of the parts by account that teach criteria, where no moment in the past can."""


def slices_of(
    snapshots: Snapshots,
    group: IntArray,
    judged: IntArray,
    origins: Sequence[Origin],
    test_start: float,
) -> CodeArray:
    """Return the slice of each row, `NO_SLICE` for those of no use.

    The newest leads are the test, those predicted out of time before them the calibration,
    all others that are older than any of the latter the training slice. An account (contact,
    identical rows) that is in a later slice is not in the training slice. Where origins are
    parts by account, some of the parts before the test teach instead.

    Parameters
    ----------
    snapshots : Snapshots
        All mature ones.
    group : array of shape (n_leads,)
        The account of each lead of the export.
    judged : array
        Rows that were predicted out of time, in the order of the origins.
    origins : sequence of Origin
        What predicted them; none where it was the trial of the test.
    test_start : float
        When the newest leads began, in units of `Snapshots.time`.
    """
    found = np.full(snapshots.n_rows, NO_SLICE, dtype=np.int32)
    found[judged] = np.where(snapshots.created[judged] >= test_start, TEST, CALIBRATION)
    before = found == CALIBRATION
    parts = [origin.judge for origin in origins if np.isnan(origin.at)]
    if parts:
        teaching = np.concatenate(parts[: max(1, round(FOLDS_SHARE * len(parts)))])
        found[teaching[before[teaching]]] = TRAINING
        return found
    first = snapshots.created[judged].min(initial=test_start)
    row_group = group[snapshots.lead]
    later = np.isin(row_group, np.unique(row_group[judged]))
    found[(found == NO_SLICE) & (snapshots.created < first) & ~later] = TRAINING
    return found
