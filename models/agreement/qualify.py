"""From probabilities to labels, by the agreement."""

from collections.abc import Sequence

import numpy as np

from features.arrays import FloatArray
from features.leads import Leads
from models.agreement.agreement import Agreement

LABELS = ("disqualified", "nurture", "MQL", "SQL")
NURTURE = LABELS.index("nurture")


def qualify(
    leads: Leads,
    probability: FloatArray,
    agreement: Agreement,
    previous: Sequence[str | None] | None,
    now: int,
) -> list[str]:
    """Return each lead's label.

    Parameters
    ----------
    leads : Leads
        The leads; so far no rule looks at what they are or did.
    probability : array of shape (n_leads,)
        P(won within the horizon).
    agreement : Agreement
        Draws the lines; a probability on a line is over it.
    previous : sequence of str or None, optional
        Each lead's last label; so far no rule looks at it.
    now : int
        Moment of the decision, for rules with windows.

    Examples
    --------
    >>> from features.records import LeadRecord, assemble
    >>> leads, _ = assemble([LeadRecord("L-1", 0, 0, None, None, 1, {}, ())] * 3)
    >>> lines = Agreement("mine", "1", 0.1, 0.25)
    >>> qualify(leads, np.array([0.05, 0.1, 0.3]), lines, None, 0)
    ['nurture', 'MQL', 'SQL']
    """
    del leads, previous, now
    places = np.searchsorted(np.array([agreement.mql, agreement.sql]), probability, side="right")
    return [LABELS[NURTURE + place] for place in places.tolist()]
