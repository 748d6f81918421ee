"""What the rules alone allow: the best label of each row, were its probability high enough."""

from dataclasses import dataclass

import numpy as np

from features.arrays import BoolArray, IntArray
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.agreement.qualify import qualify
from models.preview.entry import SQL
from models.preview.looked import Looked

ANY = Lines(0.0, 0.0)
"""Lines that do not matter, where only the rules are asked."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What fit, intent and disqualifiers allow.

    Parameters
    ----------
    mql, sql : arrays of shape (n_rows,)
        Whether a row may be MQL, and SQL.
    scope : array of shape (n_rows,)
        Position in `scopes` of the lines that count for the row.
    scopes : tuple of (str or None)
        Names of the segments that have lines of their own, after None for everybody.
    """

    mql: BoolArray
    sql: BoolArray
    scope: IntArray
    scopes: tuple[str | None, ...]

    def may_be(self, which: int, scope: int) -> BoolArray:
        """Return which rows of a scope may have a label, MQL or SQL."""
        return (self.sql if which == SQL else self.mql) & (self.scope == scope)


def allowed(looked: Looked, agreement: Agreement) -> Allowed:
    """Return what the rules of an agreement allow."""
    found = qualify(
        looked.leads,
        looked.activities,
        looked.probability,
        agreement,
        ANY,
        now=looked.now,
        space=looked.space,
    )
    names = [one.name for one in agreement.segments if one.lines is not None]
    place = {name: i for i, name in enumerate(names, start=1)}
    scope = [place.get(name or "", 0) for name in found.segments]
    return Allowed(
        found.may_be_mql, found.may_be_sql, np.array(scope, dtype=np.int64), (None, *names)
    )
