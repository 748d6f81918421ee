"""A CRM export as tables: one row per lead and episode, raw values, known moments."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.activities.spec import ActivitySpec
from features.activities.table import Activities
from features.arrays import FloatArray, IntArray, MomentArray
from features.attributes.spec import AttributeSpec
from features.column import Column
from features.leads import Leads
from training.data.history import History
from training.data.notes import ExportNotes

WON, LOST, OPEN = 1, 0, -1


@dataclass(frozen=True, slots=True)
class Export:
    """All that training and bulk scoring know of an export.

    Parameters
    ----------
    dataset : str
        What the model is about.
    lead_id : list of str
        Ids, one per row; with `episode` unique.
    lead : array of shape (n_rows,)
        Number of the row's `lead_id`: equal for the episodes of a lead.
    episode : array of shape (n_rows,)
        1 for a lead that asks for the first time.
    created_at : array of shape (n_rows,)
        `NEVER` in an export without dates.
    order : array of shape (n_rows,)
        Grows with time: `created_at` where dated, else a column or the row's number.
    outcome : array of shape (n_rows,)
        1 won, 0 lost, -1 open.
    outcome_at : array of shape (n_rows,)
        When it was won or lost; `NEVER` while open or where unknown. A day without time
        counts to its end.
    value : array of shape (n_rows,)
        Worth of the deal, NaN where unknown.
    channel, source : Column
        Raw values, empty words and aliases already resolved.
    group : array of shape (n_rows,)
        Rows that a split must not tear apart share a number.
    owner, attempts, first_contact_at, opportunity_at : optional
        How the lead was worked; None where the mapping names no column.
    attributes : mapping of str to Column
        Raw values of the attributes that may be used, as of the export.
    specs : tuple of AttributeSpec
        Those attributes, in the same order.
    channel_spec, source_spec : AttributeSpec
        The same of channel and source.
    activity_spec : ActivitySpec
        What the features have to know of activities.
    activities : Activities
        One pair of pointers per row; without those by staff and those kept out.
    history : History or None
        Dated values of attributes.
    data_end : int
        Latest moment that the export knows of, `NEVER` without dates.
    notes : ExportNotes
        What was left out, and why.
    fingerprint : str
        SHA-256 over the content of the files.
    segment : str or None
        The attribute, or "source", whose value is the lead's segment.
    """

    dataset: str
    lead_id: list[str]
    lead: IntArray
    episode: IntArray
    created_at: MomentArray
    order: FloatArray
    outcome: IntArray
    outcome_at: MomentArray
    value: FloatArray
    channel: Column
    source: Column
    group: IntArray
    owner: Column | None
    attempts: FloatArray | None
    first_contact_at: MomentArray | None
    opportunity_at: MomentArray | None
    attributes: Mapping[str, Column]
    specs: tuple[AttributeSpec, ...]
    channel_spec: AttributeSpec
    source_spec: AttributeSpec
    activity_spec: ActivitySpec
    activities: Activities
    history: History | None
    data_end: int
    notes: ExportNotes
    fingerprint: str
    segment: str | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.lead_id)

    def leads(self, rows: IntArray, as_of: MomentArray) -> Leads:
        """Return rows (which may repeat) as they were at given moments.

        Values are those of the history where it knows them, else the export's.
        """
        return Leads(
            as_of=as_of,
            created_at=self.created_at[rows],
            channel=self.channel.take(rows),
            source=self.source.take(rows),
            episode=self.episode[rows],
            attributes={name: self._attribute(name, rows, as_of) for name in self.attributes},
        )

    def _attribute(self, name: str, rows: IntArray, as_of: MomentArray) -> Column:
        today = self.attributes[name].take(rows)
        if self.history is None:
            return today
        return self.history.at(name, self.lead[rows], as_of, today)
