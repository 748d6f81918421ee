"""Naive Bayes in the manner of Odoo's predictive lead scoring, without stages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.feature import Feature
from training.evaluate.metrics import log_odds
from training.learners.learner import ONE_SIZE, Settled
from training.table import Table

FIRST_COUNT = 0.1
"""Added to wins and losses of a value when it is first seen."""
LEAST_LEADS_OF_TAG = 50
LEAST, MOST = 0.0001, 0.9999
MISSING = -1.0
"""In place of NaN; codes and flags are not below 0."""
DIGITS = 4
"""Of the probability: two of the percentage."""


class Variable(NamedTuple):
    """One thing that is counted.

    Parameters
    ----------
    columns : tuple of int
        Columns of the features: one that holds the value, or one for each tag.
    is_tags : bool
        Whether 1 means that the lead has the tag, and 0 says nothing.
    counts_missing : bool
        Whether a missing value is a value.
    """

    columns: tuple[int, ...]
    is_tags: bool = False
    counts_missing: bool = False


class Counts(NamedTuple):
    """What was counted in a column.

    Parameters
    ----------
    column : int
    value : array of shape (n_values,)
        Rising; `MISSING` for missing.
    won, lost : arrays of shape (n_values,)
        Leads that had it.
    """

    column: int
    value: FloatArray
    won: FloatArray
    lost: FloatArray

    @staticmethod
    def of(column: int, x: FloatArray, won: BoolArray) -> "Counts":
        """Return the counts of all values of a column."""
        value, place = np.unique(_filled(x), return_inverse=True)
        leads = np.bincount(place, minlength=len(value)).astype(np.float64)
        wins = np.bincount(place[won], minlength=len(value)).astype(np.float64)
        return Counts(column, value, wins + FIRST_COUNT, leads - wins + FIRST_COUNT)

    def take(self, rows: BoolArray) -> "Counts":
        """Return some of the values."""
        return Counts(self.column, self.value[rows], self.won[rows], self.lost[rows])

    def add_to(self, z: FloatArray, x: FloatArray, of_won: float, of_lost: float) -> None:
        """Add log(P(value | won) / P(value | lost)) where a value is known.

        Parameters
        ----------
        z : array of shape (n_rows,)
        x : array of shape (n_rows,)
            The column.
        of_won, of_lost : float
            Counts of all values of the variable.
        """
        if len(self.value):
            factor = np.log(self.won / of_won) - np.log(self.lost / of_lost)
            filled = _filled(x)
            place = np.minimum(np.searchsorted(self.value, filled), len(self.value) - 1)
            z += np.where(self.value[place] == filled, factor[place], 0.0)


def variables(features: Sequence[Feature]) -> Iterator[Variable]:
    """Yield what such a system counts: categories, yes or no, tags, the state of addresses."""
    tags: dict[str, list[int]] = {}
    for column, (name, about, _, unit) in enumerate(features):
        if name == f"{about}.code" or (name == about and unit == "flag"):
            yield Variable((column,))
        elif name == f"{about}.valid" and unit == "flag":
            yield Variable((column,), counts_missing=True)
        elif name.startswith(f"{about}.has ") and unit == "flag":
            tags.setdefault(about, []).append(column)
    for columns in tags.values():
        yield Variable(tuple(columns), is_tags=True)


@dataclass(frozen=True, slots=True)
class NaiveBayes:
    """Counts of wins and losses by value.

    Parameters
    ----------
    won, lost : float
        Leads won and lost, of the prior.
    counts : tuple of tuple of Counts
        Of each variable's columns.
    """

    won: float
    lost: float
    counts: tuple[tuple[Counts, ...], ...]

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds; a value that was never seen is left out."""
        return table.each(self._margin)

    def _margin(self, X: FloatArray) -> FloatArray:
        z = np.full(len(X), np.log(self.won) - np.log(self.lost))
        for variable in self.counts:
            of_won = sum(float(counts.won.sum()) for counts in variable)
            of_lost = sum(float(counts.lost.sum()) for counts in variable)
            for counts in variable:
                counts.add_to(z, X[:, counts.column], of_won, of_lost)
        probability = np.round(1.0 / (1.0 + np.exp(-z)), DIGITS)
        return log_odds(np.clip(probability, LEAST, MOST))


@dataclass(frozen=True, slots=True)
class NaiveBayesLearner:
    """Counts each lead once, as it was created; lost is what was not won within the horizon.

    As in Odoo (`crm_lead.py`, methods of `_pls_`): 0.1 is added once to both counts of a value,
    empty values are skipped except the state of e-mail and phone, tags of fewer than 50 leads
    are ignored, and the probability is rounded and kept within 0.01 and 99.99 %. The prior is
    what the first stage counts, through which every lead goes. There are no teams.
    """

    name: str = "naive_bayes"
    sizes: tuple[int, ...] = ONE_SIZE

    def start(self, table: Table, judged: Table) -> Settled:
        """Return the fit."""
        return Settled(self.fit(table, 0), judged)

    def fit(self, table: Table, size: int) -> NaiveBayes:
        """Return the counts."""
        del size
        first = table.take(np.flatnonzero(table.at_creation))
        won = first.target == 1.0
        return NaiveBayes(
            won=float(won.sum()) + FIRST_COUNT,
            lost=float((~won).sum()) + FIRST_COUNT,
            counts=tuple(_count(first, won, variable) for variable in variables(first.features)),
        )


def _count(first: Table, won: BoolArray, variable: Variable) -> tuple[Counts, ...]:
    found = []
    for column, values in zip(variable.columns, first.columns(variable.columns), strict=True):
        counts = Counts.of(column, values, won)
        if variable.is_tags:
            often = counts.won + counts.lost >= LEAST_LEADS_OF_TAG
            counts = counts.take((counts.value == 1.0) & often)
        elif not variable.counts_missing:
            counts = counts.take(counts.value != MISSING)
        found.append(counts)
    return tuple(found)


def _filled(x: FloatArray) -> FloatArray:
    return np.where(np.isnan(x), MISSING, x)
