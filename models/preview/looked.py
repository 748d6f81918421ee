"""Leads as of the moments at which an agreement is tried on them."""

from dataclasses import dataclass

import numpy as np

from features.activities.table import Activities
from features.arrays import BoolArray, FloatArray, IntArray
from features.leads import Leads
from features.space import FeatureSpace
from models.bundle.reference import SLICES, ReferenceLeads


@dataclass(frozen=True, slots=True)
class Looked:
    """Leads, each looked at once or several times, the rows of a lead together and by time.

    Parameters
    ----------
    leads, activities : Leads, Activities
        One row per look.
    lead : array of shape (n_rows,)
        Number of the lead; never falls.
    probability : array of shape (n_rows,)
        P(won within the horizon), by a model that did not learn from the lead.
    won : array of shape (n_rows,)
        1 where it was won within the horizon, 0 where not, NaN where nobody knows yet.
    weight : array of shape (n_rows,)
        How many leads the lead stands for.
    group : array of shape (n_rows,)
        Its account.
    rank : array of shape (n_rows,)
        From `tie_rank`, or what stands for it.
    weeks : float or None
        In which the leads came; None without dates.
    space : FeatureSpace or None
        Of the model; its encoders read the values.
    """

    leads: Leads
    activities: Activities
    lead: IntArray
    probability: FloatArray
    won: FloatArray
    weight: FloatArray
    group: IntArray
    rank: FloatArray
    weeks: float | None
    space: FeatureSpace | None = None

    @property
    def n_rows(self) -> int:
        """Number of looks."""
        return len(self.lead)

    @property
    def now(self) -> int:
        """The latest look."""
        return int(self.leads.as_of.max(initial=0))

    @property
    def first(self) -> BoolArray:
        """Which rows are the first of their lead."""
        return np.diff(self.lead, prepend=-1) != 0


def looked_at(
    reference: ReferenceLeads, slice_of: int, space: FeatureSpace | None = None
) -> Looked:
    """Return the reference leads of a slice."""
    own = reference.of_slice(slice_of)
    window = reference.windows.get(SLICES[slice_of])
    return Looked(
        leads=own.leads,
        activities=own.activities,
        lead=own.lead,
        probability=own.probability,
        won=own.won.astype(np.float64),
        weight=own.weight,
        group=own.group,
        rank=own.rank,
        weeks=None if window is None else window.weeks,
        space=space,
    )
