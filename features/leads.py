"""Leads as columns: what is known about each at its own moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.arrays import IntArray, MomentArray
from features.column import Column, constant_column


@dataclass(frozen=True, slots=True)
class Leads:
    """A batch of leads, each seen as of one moment.

    Parameters
    ----------
    as_of : array of shape (n_leads,)
        The moment at which each lead is looked at; `NEVER` where an export has no dates.
    created_at : array of shape (n_leads,)
        When the lead (this episode of it) came in; `NEVER` where unknown.
    channel, source : Column
        Medium and campaign of the first touch; None where unknown.
    episode : array of shape (n_leads,)
        1 for a lead that asks for the first time.
    attributes : mapping of str to Column
        Raw values by attribute name; an attribute that is absent is missing in all rows.

    Notes
    -----
    The same lead may stand in several rows, as of different moments (snapshots).
    """

    as_of: MomentArray
    created_at: MomentArray
    channel: Column
    source: Column
    episode: IntArray
    attributes: Mapping[str, Column]

    @property
    def n_leads(self) -> int:
        """Number of rows."""
        return len(self.as_of)

    def attribute(self, name: str) -> Column:
        """Return an attribute's column, all missing where the batch lacks it."""
        column = self.attributes.get(name)
        return constant_column(None, self.n_leads) if column is None else column

    def take(self, rows: IntArray) -> "Leads":
        """Return the given rows, in their order; rows may repeat."""
        return Leads(
            as_of=self.as_of[rows],
            created_at=self.created_at[rows],
            channel=self.channel.take(rows),
            source=self.source.take(rows),
            episode=self.episode[rows],
            attributes={name: column.take(rows) for name, column in self.attributes.items()},
        )
