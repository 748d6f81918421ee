"""Leads of a large export, some at a time."""

from dataclasses import replace

import numpy as np

from features.arrays import IntArray, MomentArray
from features.leads import Leads
from training.data.export import Export
from training.data.history import AttributeHistory, History


def leads_of_part(export: Export, rows: IntArray, as_of: MomentArray) -> Leads:
    """Return what `Export.leads` returns, in time and memory that the rows alone decide.

    Parameters
    ----------
    export : Export
        Of any size.
    rows : array
        Neighbouring rows of it.
    as_of : array of the same shape
        When to look at each.
    """
    lead = export.lead[rows]
    part = replace(
        export,
        lead=lead,
        created_at=export.created_at[rows],
        episode=export.episode[rows],
        channel=export.channel.take(rows).compact(),
        source=export.source.take(rows).compact(),
        attributes={name: c.take(rows).compact() for name, c in export.attributes.items()},
        history=None if export.history is None else _history_of(export.history, lead),
    )
    return part.leads(np.arange(len(rows)), as_of)


def _history_of(history: History, lead: IntArray) -> History:
    first, last = (int(lead.min()), int(lead.max())) if len(lead) else (0, -1)
    changes = {name: _between(c, first, last) for name, c in history.attributes.items()}
    return History({name: some for name, some in changes.items() if len(some.lead)})


def _between(changes: AttributeHistory, first: int, last: int) -> AttributeHistory:
    """Return the changes of a range of leads; they are sorted by lead."""
    begin, end = np.searchsorted(changes.lead, [first, last + 1]).tolist()
    column = changes.column.take(np.arange(begin, end)).compact()
    return AttributeHistory(changes.lead[begin:end], changes.changed_at[begin:end], column)
