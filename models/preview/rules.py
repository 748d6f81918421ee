"""What the rules alone allow: the best label of each row, were its probability high enough."""

from dataclasses import dataclass

import numpy as np

from features.arrays import BoolArray, IntArray
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.agreement.qualify import qualify
from models.preview.entry import MQL
from models.preview.looked import Looked

SURE = 1.0
UNREACHABLE = Lines(2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The best label that fit, intent and disqualifiers allow.

    Parameters
    ----------
    label : array of shape (n_rows,)
        Position in `LABELS`.
    scope : array of shape (n_rows,)
        Position, from 1, of the segment whose own lines count for the row; 0 where those of
        everybody do. Only known where the best label is MQL or SQL.
    scopes : tuple of (str or None)
        Names of the segments that have lines of their own, after None for everybody.
    """

    label: IntArray
    scope: IntArray
    scopes: tuple[str | None, ...]

    def may_be(self, which: int, scope: int) -> BoolArray:
        """Return which rows of a scope may have a label, MQL or SQL."""
        found: BoolArray = (self.label >= which) & (self.scope == scope)
        return found


def allowed(looked: Looked, agreement: Agreement) -> Allowed:
    """Return what the rules of an agreement allow."""
    names = tuple(one.name for one in agreement.segments if one.lines is not None)
    label = _labels(looked, agreement, Lines(0.0, 0.0))
    scope = np.zeros(looked.n_rows, dtype=np.int64)
    for place, name in enumerate(names, start=1):
        without = _labels(looked, agreement, Lines(0.0, 0.0, {name: UNREACHABLE}))
        scope[(label >= MQL) & (without < MQL)] = place
    return Allowed(label, scope, (None, *names))


def _labels(looked: Looked, agreement: Agreement, lines: Lines) -> IntArray:
    sure = np.full(looked.n_rows, SURE)
    found = qualify(looked.leads, looked.activities, sure, agreement, lines, now=looked.now)
    return found.label


def label_with(looked: Looked, agreement: Agreement, lines: Lines) -> IntArray:
    """Return each row's label, looked at for the first time."""
    return qualify(
        looked.leads,
        looked.activities,
        looked.probability,
        agreement,
        lines,
        now=looked.now,
        rank=looked.rank,
    ).label
