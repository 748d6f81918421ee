"""Activities of a batch of leads, sorted by lead and time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import CodeArray, IntArray, MomentArray


@dataclass(frozen=True, slots=True)
class Activities:
    """What leads did, sorted by (lead, `occurred_at`, kind).

    Parameters
    ----------
    kinds : sequence of str
        Names of the kinds that occur.
    kind : array of int32, shape (n_activities,)
        Position in `kinds`.
    occurred_at, recorded_at : arrays of shape (n_activities,)
        When it happened and when it became known; equal where only one is known.
    start, stop : arrays of shape (n_leads,)
        The activities of lead row i are those from start[i] up to, not including, stop[i].
        Rows that are snapshots of one lead point to the same activities.
    """

    kinds: Sequence[str]
    kind: CodeArray
    occurred_at: MomentArray
    recorded_at: MomentArray
    start: IntArray
    stop: IntArray

    @property
    def n_activities(self) -> int:
        """Number of activities."""
        return len(self.kind)

    def take(self, rows: IntArray) -> "Activities":
        """Return the same activities seen from the given lead rows, which may repeat."""
        return Activities(
            self.kinds,
            self.kind,
            self.occurred_at,
            self.recorded_at,
            self.start[rows],
            self.stop[rows],
        )


def no_activities(n_leads: int) -> Activities:
    """Return the table of leads that did nothing.

    Examples
    --------
    >>> no_activities(2).stop
    array([0, 0])
    """
    moments = np.zeros(0, dtype=np.int64)
    pointers = np.zeros(n_leads, dtype=np.int64)
    return Activities((), np.zeros(0, dtype=np.int32), moments, moments, pointers, pointers)
