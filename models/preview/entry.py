"""First entries: when a lead gets a label for the first time."""

from typing import Final

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from models.agreement.agreement import LABELS

DISQUALIFIED, NURTURE, MQL, SQL = range(len(LABELS))
NONE: Final = np.zeros(0, dtype=np.int64)


def first_rows(chosen: BoolArray, lead: IntArray) -> IntArray:
    """Return the first chosen row of each lead that has one.

    Parameters
    ----------
    chosen : array of shape (n_rows,)
    lead : array of shape (n_rows,)
        Number of the lead; never falls.

    Examples
    --------
    >>> first_rows(np.array([False, True, True, True]), np.array([0, 0, 0, 1]))
    array([1, 3])
    """
    rows = np.flatnonzero(chosen)
    kept: IntArray = rows[np.diff(lead[rows], prepend=-1) != 0]
    return kept


def before_first(chosen: BoolArray, lead: IntArray) -> BoolArray:
    """Return which rows come before the first chosen row of their lead.

    Examples
    --------
    >>> before_first(np.array([False, True, False, False]), np.array([0, 0, 0, 1]))
    array([ True, False, False,  True])
    """
    stop = np.full(int(lead.max(initial=-1)) + 1, len(lead))
    rows = first_rows(chosen, lead)
    stop[lead[rows]] = rows
    before: BoolArray = np.arange(len(lead)) < stop[lead]
    return before


def entries(label: IntArray, lead: IntArray, which: int) -> IntArray:
    """Return the rows at which leads get a label for the first time.

    A lead that was SQL, and so was handed over, is no new MQL afterwards; nurture is where a
    lead begins, not where it falls back to.

    Parameters
    ----------
    label : array of shape (n_rows,)
        Position in `LABELS`.
    which : int
        The label.

    Examples
    --------
    >>> label, lead = np.array([1, 2, 3, 2, 2]), np.array([0, 0, 0, 0, 1])
    >>> [entries(label, lead, which).tolist() for which in (NURTURE, MQL, SQL)]
    [[0], [1, 4], [2]]
    """
    chosen = label == which
    if which == MQL:
        chosen &= before_first(label == SQL, lead)
    if which == NURTURE:
        chosen &= np.diff(lead, prepend=-1) != 0
    return first_rows(chosen, lead)


def reached(label: IntArray, lead: IntArray) -> IntArray:
    """Return what became of each lead, one entry per lead in their order.

    The highest label that it got; disqualified where it was so at the last look.

    Examples
    --------
    >>> reached(np.array([1, 3, 1, 2, 0]), np.array([0, 0, 0, 1, 1]))
    array([3, 0])
    """
    first = np.flatnonzero(np.diff(lead, prepend=-1) != 0)
    if len(first) == 0:
        return NONE
    last = np.append(first[1:], len(lead)) - 1
    highest = np.maximum.reduceat(label, first)
    found: IntArray = np.where(label[last] == DISQUALIFIED, DISQUALIFIED, highest)
    return found


def highest_of(value: FloatArray, chosen: BoolArray, lead: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the leads with a chosen row: its first such row, and its largest value.

    Examples
    --------
    >>> highest_of(np.array([0.1, 0.4, 0.9]), np.array([True, True, False]), np.array([0, 0, 1]))
    (array([0]), array([0.4]))
    """
    rows = np.flatnonzero(chosen)
    if len(rows) == 0:
        return NONE, np.zeros(0)
    start = np.flatnonzero(np.diff(lead[rows], prepend=-1) != 0)
    return rows[start], np.maximum.reduceat(value[rows], start)
