"""What the audit looks at: an attribute's values beside what came of the leads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from features.attributes.encoder import Unreadable
from features.attributes.fit import learn_encoder
from features.attributes.spec import AttributeSpec
from features.column import Column
from features.moment import NEVER
from training.data.export import Export

NUMBERS = 10
"""Quantile bins that a number is cut into."""
AGE_BINS = 20


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of the leads; arrays of shape (n_leads,).

    Parameters
    ----------
    outcome : array
        1 won, 0 lost, -1 open.
    outcome_at, created_at : arrays
        `NEVER` where unknown.
    age : array
        Which of some equal parts by age the lead is in, 0 the oldest.
    group : array
        Account.
    """

    outcome: IntArray
    outcome_at: IntArray
    created_at: IntArray
    age: IntArray
    group: IntArray

    @staticmethod
    def of(export: Export, rows: IntArray) -> "Outcomes":
        """Return the outcomes of some rows of an export."""
        rank = np.argsort(np.argsort(export.order[rows], kind="stable"), kind="stable")
        age = rank * AGE_BINS // max(1, len(rows))
        return Outcomes(
            outcome=export.outcome[rows],
            outcome_at=export.outcome_at[rows],
            created_at=export.created_at[rows],
            age=age,
            group=export.group[rows],
        )

    @property
    def won(self) -> BoolArray:
        """Which leads were won."""
        return self.outcome == 1

    @property
    def lost(self) -> BoolArray:
        """Which leads were lost."""
        return self.outcome == 0

    @property
    def open(self) -> BoolArray:
        """Which leads are open."""
        return self.outcome == -1

    @property
    def closed(self) -> BoolArray:
        """Which leads are closed."""
        return self.outcome != -1


@dataclass(frozen=True, slots=True)
class Subject:
    """One attribute as training sees it when leads are created.

    Parameters
    ----------
    spec : AttributeSpec
    code : array of shape (n_leads,)
        Number of the value (a number's quantile bin); -1 where missing.
    date : array of shape (n_leads,) or None
        Moments of a date; `NEVER` where missing.
    """

    spec: AttributeSpec
    code: IntArray
    date: IntArray | None

    @property
    def name(self) -> str:
        """The attribute's name."""
        return self.spec.name

    @property
    def filled(self) -> BoolArray:
        """Which leads have a value."""
        return self.code >= 0


def subjects(export: Export, rows: IntArray) -> Iterator[Subject]:
    """Yield the attributes of some leads as of their creation."""
    leads = export.leads(rows, export.created_at[rows])
    for spec in export.specs:
        yield subject_of(spec, leads.attribute(spec.name))


def subject_of(spec: AttributeSpec, column: Column) -> Subject:
    """Return an attribute's column as the audit looks at it."""
    meanings = _meanings(spec, column)
    if spec.type == "number":
        return Subject(spec, binned(np.array(meanings, dtype=np.float64)[column.codes]), None)
    seen: dict[Any, int] = {}
    codes = [-1 if m is None else seen.setdefault(_key(m), len(seen)) for m in meanings]
    code = np.array(codes, dtype=np.int64)[column.codes]
    date = None
    if spec.type == "date":
        moments = [NEVER if m is None else int(m) for m in meanings]
        date = np.array(moments, dtype=np.int64)[column.codes]
        code = binned(np.where(date == NEVER, np.nan, date.astype(np.float64)))
    return Subject(spec, code, date)


def _meanings(spec: AttributeSpec, column: Column) -> list[Any]:
    encoder = learn_encoder(spec, column)
    found: list[Any] = []
    for value in column.values:
        try:
            found.append(encoder.read(value))
        except Unreadable:
            found.append(None)
    return found


def _key(meaning: Any) -> Any:
    """Return what makes two values one; lists have no hash."""
    return tuple(meaning) if isinstance(meaning, list) else meaning


def binned(values: FloatArray) -> IntArray:
    """Return the quantile bin of each value, -1 where missing; a common value has its own."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.full(len(values), -1, dtype=np.int64)
    distinct, counts = np.unique(known, return_counts=True)
    common = distinct[counts >= len(known) / NUMBERS]
    edges = np.quantile(known, np.linspace(0.0, 1.0, NUMBERS + 1)[1:-1])
    cuts = np.unique(np.concatenate([edges, common, np.nextafter(common, np.inf)]))
    return np.where(np.isnan(values), -1, np.searchsorted(cuts, values, side="right"))
