"""What leads did by the moment at which they are looked at: kinds of activity in windows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.activities.table import Activities
from features.arrays import BoolArray, FloatArray
from features.leads import Leads
from features.moment import DAY

WINDOWS_DAYS: Final = (7, 14, 30, 90)


@dataclass(frozen=True, slots=True)
class Deed:
    """A kind of activity within a window.

    Parameters
    ----------
    kind : str
    within_days : int
    has : array of shape (n_leads,)
        Who did it.
    """

    kind: str
    within_days: int
    has: BoolArray


def deeds(leads: Leads, activities: Activities) -> Iterator[Deed]:
    """Yield each kind of activity in each window."""
    counts = activities.stop - activities.start
    row = np.repeat(np.arange(leads.n_leads), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    own = activities.start[row] + place
    as_of = leads.as_of[row]
    seen = np.maximum(activities.occurred_at[own], activities.recorded_at[own]) <= as_of
    row, own, as_of = row[seen], own[seen], as_of[seen]
    age: FloatArray = (as_of - activities.occurred_at[own]) / DAY
    kind = activities.kind[own]
    for code, name in enumerate(activities.kinds):
        if not name:
            continue
        for days in WINDOWS_DAYS:
            has = np.zeros(leads.n_leads, dtype=np.bool_)
            has[row[(kind == code) & (age <= days)]] = True
            yield Deed(str(name), days, has)
