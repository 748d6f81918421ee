"""Reads the leads file of an export."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from features.arrays import BoolArray, FloatArray, IntArray, MomentArray
from features.column import Column, constant_column
from features.errors import SchemaError
from features.moment import NEVER
from training.data.cells import cells_of, empty_mask, is_plain
from training.data.fields import Fields, number_of_each, repeats
from training.data.groups import group_leads, hash_rows
from training.data.mapping import ROWS, ExportMapping
from training.data.notes import ExportNotes
from training.data.outcome import Outcomes

ID_ROLES = ("lead_id", "contact_id", "account_id", "order")


@dataclass(frozen=True, slots=True)
class LeadTable:
    """The columns of the leads file, read; see `Export` for what each means."""

    lead_id: Any
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

    def where(self, keep: BoolArray) -> "LeadTable":
        """Return the rows to keep."""
        if keep.all():
            return self
        rows = np.flatnonzero(keep)
        return replace(
            self, **{field.name: _taken(getattr(self, field.name), rows) for field in fields(self)}
        )

    def data_end(self) -> int:
        """Return the latest moment of any lead, `NEVER` without dates."""
        dated = (self.created_at, self.outcome_at, self.first_contact_at, self.opportunity_at)
        return max(int(column.max()) for column in dated if column is not None and len(column))

    def closed_at(self, n_leads: int) -> MomentArray:
        """Return per distinct lead when its last episode ended, `NEVER` while it is open."""
        order = np.lexsort((self.episode, self.created_at, self.lead))
        closed = np.full(n_leads, NEVER, dtype=np.int64)
        closed[self.lead[order]] = self.outcome_at[order]
        return closed


def _taken(value: Any, rows: IntArray) -> Any:
    if value is None:
        return None
    if isinstance(value, Column):
        return value.take(rows)
    if isinstance(value, Mapping):
        return {name: column.take(rows) for name, column in value.items()}
    return value.take(pa.array(rows)) if isinstance(value, pa.Array) else value[rows]


@dataclass(frozen=True, slots=True)
class LeadFile:
    """Reads one role after the other.

    Parameters
    ----------
    to_learn : bool
        Whether outcomes and how leads were worked must be there.
    has_history : bool
        Whether there are dated values of attributes.
    """

    mapping: ExportMapping
    fields: Fields
    to_learn: bool
    has_history: bool

    def usable(self) -> tuple[str, ...]:
        """Return the attributes that are known at creation, dated or vouched for, and there."""
        return tuple(
            name
            for name in self.mapping.attributes
            if self._is_known(name) and self._column(self.mapping.column_of(name))
        )

    def _is_known(self, name: str) -> bool:
        attribute = self.mapping.attributes[name]
        dated = attribute.known_at == "history" and self.has_history
        return dated or attribute.known_at == "creation" or attribute.vouched is not None

    def _column(self, column: str | None) -> str | None:
        """Return a column to read; None where it is absent and that is allowed."""
        forgiven = self.mapping.absent_columns_allowed and column not in self.fields.table.columns
        return None if forgiven else column

    def _role(self, role: str) -> str | None:
        return self._column(getattr(self.mapping.leads, role))

    def ids(self) -> tuple[Any, IntArray]:
        """Return `lead_id` and episode of each row.

        Raises
        ------
        SchemaError
            When two rows have the same.
        """
        roles, table = self.mapping.leads, self.fields.table
        ids = self.fields.ids(roles.lead_id, "leads.lead_id")
        lead = number_of_each(ids)[1]
        episode = np.ones(len(lead), dtype=np.int64)
        if roles.episode is not None:
            numbers = self.fields.floats(roles.episode, "leads.episode")
            bad = ~(numbers >= 1) | (numbers != np.floor(numbers)) | (numbers > 10_000)
            if bad.any():
                raise table.problem(bad, roles.episode, "no episode", "whole numbers from 1")
            episode = numbers.astype(np.int64)
        again = repeats(lead * 10_001 + episode)
        if again.any():
            expected = "each id once" if roles.episode is None else "each id and episode once"
            raise table.problem(again, roles.lead_id, "ids of an earlier row", expected)
        return ids, episode

    def created_at(self) -> MomentArray:
        """Return when each lead came in, all `NEVER` where the mapping names no column."""
        column = self.mapping.leads.created_at
        if column is None:
            return np.full(self.fields.table.n_rows, NEVER, dtype=np.int64)
        created = self.fields.moments(column, "leads.created_at")
        if self.fields.table.rows is None and (created == NEVER).all():
            raise SchemaError(
                f"{self.fields.table.name}, column {column!r}: is empty in all rows; "
                "expected the date of each lead (leads.created_at)"
            )
        return created

    def latest(self) -> int:
        """Return the latest moment of any lead to be scored, `NEVER` without dates."""
        worked = (
            self._worked(role, self.fields.moments)
            for role in ("first_contact_at", "opportunity_at")
        )
        dates = (self.created_at(), *(dates for dates in worked if dates is not None))
        return max(int(column.max()) for column in dates)

    def order(self, created_at: MomentArray) -> FloatArray:
        """Return a number per row that grows with time."""
        column = self.mapping.leads.order
        if self.mapping.leads.created_at is not None:
            return created_at.astype(np.float64)
        table = self.fields.table
        if column is None or (column == ROWS and ROWS not in table.columns):
            return np.arange(table.n_rows, dtype=np.float64)
        order = np.asarray(self.fields.floats(column, "leads.order"))
        if np.isnan(order).any():
            raise table.problem(np.isnan(order), column, "no number", "one to order rows by")
        return order

    def table(
        self, ids: Any, episode: IntArray, created_at: MomentArray, outcomes: Outcomes
    ) -> LeadTable:
        """Return all columns of the leads file that the mapping speaks of."""
        lead = number_of_each(ids)[1]
        return LeadTable(
            lead_id=ids,
            lead=lead,
            episode=episode,
            created_at=created_at,
            order=self.order(created_at),
            outcome=outcomes.outcome,
            outcome_at=outcomes.at,
            value=outcomes.value,
            channel=self._touch("channel"),
            source=self._touch("source"),
            group=self._groups(lead) if self.to_learn else lead,
            owner=self._worked("owner", self.fields.raw),
            attempts=self._worked("attempts", self.fields.floats),
            first_contact_at=self._worked("first_contact_at", self.fields.moments),
            opportunity_at=self._worked("opportunity_at", self.fields.moments),
            attributes={name: self._attribute(name) for name in self.usable()},
        )

    def _touch(self, role: str) -> Column:
        column = self._role(role)
        if column is None:
            return constant_column(None, self.fields.table.n_rows)
        return self.fields.category(column, f"leads.{role}", self.mapping.attribute_spec(role))

    def _worked(self, role: str, read: Any) -> Any:
        column = self._role(role)
        if column is None or not (self.to_learn or column in self.fields.table.columns):
            return None
        return read(column, f"leads.{role}")

    def _attribute(self, name: str) -> Column:
        return self.fields.attribute(
            self.mapping.column_of(name),
            f"attributes.{name}",
            self.mapping.attributes[name],
            self.mapping.attribute_spec(name),
        )

    def _groups(self, lead: IntArray) -> IntArray:
        links = {
            role: self.fields.links(column, f"leads.{role}")
            for role in ("account_id", "contact_id")
            if (column := self._role(role)) is not None
        }
        alone = np.ones(len(lead), dtype=np.bool_)
        for ids in links.values():
            alone &= empty_mask(ids, ())
        contents = hash_rows(self._contents()) if alone.any() else None
        return group_leads(links.get("account_id"), links.get("contact_id"), lead, contents)

    def _contents(self) -> list[Any]:
        """Return the columns in which two rows must agree to be identical but for ids."""
        table = self.fields.table
        ids = {getattr(self.mapping.leads, role) for role in ID_ROLES}
        contents = []
        for column in table.columns:
            if column in ids or table.columns.count(column) > 1:
                continue
            array = table.content(column)
            if not is_plain(array.type):
                continue
            if column in self.mapping.excluded and len(cells_of(array).values) == table.n_rows:
                continue
            contents.append(array)
        return contents

    def notes(self, outcome_columns: set[str]) -> ExportNotes:
        """Return what the mapping leaves out of this file, and the counts of rows."""
        mapping = self.mapping
        spoken = {column for _, column in mapping.leads.columns()} | outcome_columns
        spoken |= {mapping.column_of(name) for name in mapping.attributes} | set(mapping.excluded)
        return ExportNotes(
            rows=self.fields.table.n_rows,
            used_rows=self.fields.table.n_rows,
            excluded=dict(mapping.excluded),
            vouched={
                name: attribute.vouched
                for name, attribute in mapping.attributes.items()
                if attribute.known_at == "unknown" and attribute.vouched is not None
            },
            not_vouched=tuple(n for n in mapping.attributes if not self._is_known(n)),
            absent_columns=tuple(
                sorted((spoken - {ROWS}) - set(mapping.excluded) - set(self.fields.table.columns))
            ),
            unused_columns=tuple(c for c in self.fields.table.columns if c not in spoken),
        )
