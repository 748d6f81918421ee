"""The activities that an export has: the leads' own and those of staff."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import IntArray
from training.simulation.batch import Batch
from training.simulation.behaviour import FORM_SUBMIT, KINDS
from training.simulation.catalogue import SOURCES
from training.simulation.config import END, SECONDS_A_DAY

STAFF_KINDS: Final = ("call_logged", "email_sent")
ALL_KINDS: Final = (*(kind.name for kind in KINDS), FORM_SUBMIT, *STAFF_KINDS)
MEDIA: Final = (*(kind.medium for kind in KINDS), "web", "phone", "email")
FORM, CALL, EMAIL = (ALL_KINDS.index(name) for name in (FORM_SUBMIT, *STAFF_KINDS))
WITHOUT_FORM: Final = ("booth-scan", "list-import", "partner-portal", "recommendation")
EMAILS_SENT: Final = 1.0
CUSTOMER_SHARE: Final = 0.1
"""Share of the activities that go on once a lead has become a customer."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Rows of the activities table; `kind` is a position in `ALL_KINDS`, times are seconds."""

    lead: IntArray
    kind: IntArray
    occurred: IntArray
    recorded: IntArray


def draw_deeds(batch: Batch, rng: np.random.Generator) -> Deeds:
    """Return what the export shows of a batch; emails by staff are sent to anyone alike."""
    entries, own = batch.entries, batch.behaviour
    n = len(entries.lead)
    form = np.flatnonzero(~np.isin(np.array(SOURCES)[entries.source], WITHOUT_FORM))
    called, nth = np.nonzero(batch.work.calls <= END)
    call = batch.work.calls[called, nth]
    mailed = np.repeat(np.arange(n), rng.poisson(EMAILS_SENT, n))
    wait = np.ceil(rng.exponential(20.0, len(mailed)) * SECONDS_A_DAY).astype(np.int64)
    sent = entries.created[mailed] + wait
    row = np.concatenate([own.row, form, called, mailed])
    kind = np.concatenate(
        [
            own.kind,
            np.full(len(form), FORM),
            np.full(len(called), CALL),
            np.full(len(mailed), EMAIL),
        ]
    )
    occurred = np.concatenate([own.occurred, entries.created[form], call, sent])
    recorded = np.concatenate([own.recorded, entries.created[form], call, sent])
    customer = (batch.fates.won[row] == 1) & (rng.random(len(row)) < CUSTOMER_SHARE)
    kept = (occurred <= batch.fates.outcome_at[row]) | (customer & (kind != CALL))
    kept &= (occurred <= END) & (recorded <= END)
    return Deeds(entries.lead[row[kept]], kind[kept], occurred[kept], recorded[kept])


def in_order(deeds: list[Deeds]) -> Deeds:
    """Return the deeds of several batches, sorted by lead and time."""
    lead = np.concatenate([part.lead for part in deeds])
    kind = np.concatenate([part.kind for part in deeds])
    occurred = np.concatenate([part.occurred for part in deeds])
    recorded = np.concatenate([part.recorded for part in deeds])
    order = np.lexsort((kind, occurred, lead))
    return Deeds(lead[order], kind[order], occurred[order], recorded[order])
