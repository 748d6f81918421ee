"""What leads were like when the model was trained."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray
from features.column import Column
from models.bundle.bundle import Bundle
from models.bundle.reference import CALIBRATION, TEST, ReferenceLeads
from models.scorer import Scorer

ENOUGH = 2_000
"""So many leads are reference enough; older ones would only tell of older times."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The newest leads of the training, at their creation.

    Parameters
    ----------
    fields : mapping of str to Column
        `channel`, `source` and attributes in stored form.
    scores : array of shape (n_leads,)
        Probabilities that the model in use gives them.
    probability, won : arrays of shape (n_predicted,)
        Predicted out of time, and 1 for won within the horizon.
    horizon_days : int or None
    delay_days, delay_share : arrays of shape (n_points,)
        By which day which share of all wins has come; empty without dates.
    """

    fields: Mapping[str, Column]
    scores: FloatArray
    probability: FloatArray
    won: FloatArray
    horizon_days: int | None
    delay_days: FloatArray
    delay_share: FloatArray

    @property
    def n_leads(self) -> int:
        """Number of leads."""
        return len(self.scores)


def reference_of(scorer: Scorer) -> Reference:
    """Return the reference of a model that is in use."""
    bundle = scorer.bundle
    leads = _newest(bundle.reference)
    scored = scorer.score(leads.leads, leads.activities)
    known = leads.take(np.flatnonzero(~np.isnan(leads.probability)))
    days, share = _delays(bundle)
    return Reference(
        fields={
            "channel": leads.leads.channel,
            "source": leads.leads.source,
            **leads.leads.attributes,
        },
        scores=np.asarray(scored.probability, dtype=np.float64),
        probability=known.probability,
        won=known.won.astype(np.float64),
        horizon_days=bundle.manifest.horizon_days,
        delay_days=days,
        delay_share=share,
    )


def _newest(reference: ReferenceLeads) -> ReferenceLeads:
    """Return the leads of the newest slices that are enough, at creation."""
    found = reference.take(np.flatnonzero(reference.at_creation))
    for oldest in (TEST, CALIBRATION):
        rows = np.flatnonzero(found.slice_of >= oldest)
        if len(rows) >= ENOUGH:
            return found.take(rows)
    return found


def _delays(bundle: Bundle) -> tuple[FloatArray, FloatArray]:
    told = (bundle.report.get("delays") or {}).get("by_share", [])
    days = [0.0, *(float(one["corrected_days"]) for one in told)]
    share = [0.0, *(float(one["share"]) for one in told)]
    return (np.array(days), np.array(share)) if told else (np.zeros(0), np.zeros(0))
