"""Target statistics: fitted on known outcomes, and cross-fitted for the rows learned from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.statistics import Statistic, TargetStatistics
from models.score.points import logit, probability_of
from training.config import Statistics
from training.scratch import Matrix, Rows, between
from training.table import Table

LEAST_RATE = 1e-4


@dataclass(frozen=True, slots=True)
class StatisticsFitter:
    """How target statistics are fitted.

    Parameters
    ----------
    kind : "none", "single" or "pairs"
        Of every category, and besides of the pairs of the strongest ones.
    prior_rows : float
        Leads at the expected rate that each value is given besides its own: those at the base
        rate for a value, at what both values alone let expect for a pair.
    strongest : int
        How many of the categories are paired.
    folds : int
        Parts for cross-fitting; a group is in one of them.
    seed : int
        Of the parts.
    """

    kind: Statistics = "single"
    prior_rows: float = 20.0
    strongest: int = 5
    folds: int = 5
    seed: int = 1

    def fit(self, table: Table) -> TargetStatistics:
        """Return the statistics of the rows at creation, each lead counted once."""
        return self._fit(table, self._columns(table))

    def cross_fit(self, table: Table) -> tuple[TargetStatistics, "Rows"]:
        """Return the statistics, and the rows' matrix extended by those of other groups.

        A row that is learned from must not see its own outcome, nor its account's, in its
        features.
        """
        columns = self._columns(table)
        fitted = self._fit(table, columns)
        if not fitted.statistics:
            return fitted, table.matrix
        _, group = np.unique(table.group, return_inverse=True)
        n_groups = int(group.max(initial=-1)) + 1
        part = np.random.default_rng(self.seed).integers(self.folds, size=n_groups)[group]
        others = [
            self._fit(table.take(np.flatnonzero(part != fold)), columns)
            for fold in range(self.folds)
        ]
        return fitted, in_place(Extended(table.matrix, tuple(others), part))

    def _columns(self, table: Table) -> list[tuple[int, ...]]:
        """Return which categories and pairs to count, the strongest pairs first."""
        if self.kind == "none":
            return []
        codes = [i for i, feature in enumerate(table.features) if feature.unit == "code"]
        singles = [(code,) for code in codes]
        if self.kind == "single":
            return list(singles)
        first = First.of(table, codes)
        strength = [_strength(first, self._single(first, code)) for (code,) in singles]
        order = sorted(range(len(codes)), key=lambda i: (-strength[i], codes[i]))
        strongest = sorted(codes[i] for i in order[: self.strongest])
        return [*singles, *combinations(strongest, 2)]

    def _fit(self, table: Table, columns: Sequence[tuple[int, ...]]) -> TargetStatistics:
        codes = sorted({code for pair in columns for code in pair})
        first = First.of(table, codes)
        single = {code: self._single(first, code) for code in codes}
        return TargetStatistics(
            tuple(
                single[cs[0]] if len(cs) == 1 else self._pair(first, single[cs[0]], single[cs[1]])
                for cs in columns
            )
        )

    def _single(self, first: "First", column: int) -> Statistic:
        base = first.base
        places, n = places_of(first.codes[column])
        rows = np.bincount(places, weights=first.weight, minlength=n)
        won = np.bincount(places, weights=first.weight * first.target, minlength=n)
        rate = (won + self.prior_rows * base) / (rows + self.prior_rows)
        return Statistic((column,), logits(rate) - logit(base))

    def _pair(self, first: "First", one: Statistic, other: Statistic) -> Statistic:
        base = first.base
        expected = probability_of(logit(base) + one.table[:, None] + other.table[None, :])
        (a, n_a), (b, n_b) = (places_of(first.codes[s.columns[0]]) for s in (one, other))
        place = a * n_b + b
        rows = np.bincount(place, weights=first.weight, minlength=n_a * n_b)
        won = np.bincount(place, weights=first.weight * first.target, minlength=n_a * n_b)
        rate = (won + self.prior_rows * expected.ravel()) / (rows + self.prior_rows)
        table = (logits(rate) - logit(base)).reshape(n_a, n_b)
        return Statistic((one.columns[0], other.columns[0]), table)


class First(NamedTuple):
    """The rows at creation, and what statistics look at of them.

    Parameters
    ----------
    codes : mapping of int to array of shape (n_rows,)
        By column of the matrix.
    target, weight : arrays of shape (n_rows,)
    base : float
        The share won.
    """

    codes: dict[int, FloatArray]
    target: FloatArray
    weight: FloatArray
    base: float

    @staticmethod
    def of(table: Table, codes: Sequence[int]) -> "First":
        """Return those of some rows."""
        first = table.take(np.flatnonzero(table.at_creation))
        columns = dict(zip(codes, first.columns(codes), strict=True))
        return First(columns, first.target, first.weight, base_rate(first))


@dataclass(frozen=True)
class Extended:
    """Rows with the columns of statistics beside their own, made when they are read.

    Parameters
    ----------
    matrix : Matrix
    statistics : tuple of TargetStatistics
    part : array of shape (n_rows,) or None
        Which of them each row is given; None where there is one for all.
    """

    matrix: Matrix
    statistics: tuple[TargetStatistics, ...]
    part: IntArray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n_rows, n_columns = self.matrix.shape
        return n_rows, n_columns + len(self.statistics[0].statistics)

    def between(self, begin: int, end: int) -> FloatArray:
        """Return the rows from one place to another."""
        X = between(self.matrix, begin, end)
        if self.part is None:
            return self.statistics[0].extend(X)
        out = np.empty((len(X), self.shape[1]))
        part = self.part[begin:end]
        for number, one in enumerate(self.statistics):
            inside = part == number
            out[inside] = one.extend(X[inside])
        return out


def in_place(rows: Extended) -> Rows:
    """Return extended rows in memory where they came from there."""
    if isinstance(rows.matrix, np.ndarray):
        return rows.between(0, rows.shape[0])
    return rows


def base_rate(table: Table) -> float:
    """Return the weighted share won, kept off 0 and 1."""
    total = float(table.weight.sum())
    rate = float((table.weight * table.target).sum()) / total if total else 0.5
    return min(max(rate, LEAST_RATE), 1.0 - LEAST_RATE)


def logits(rate: FloatArray) -> FloatArray:
    """Return log-odds of rates."""
    kept = np.clip(rate, LEAST_RATE, 1.0 - LEAST_RATE)
    out: FloatArray = np.log(kept / (1.0 - kept))
    return out


def places_of(codes: FloatArray) -> tuple[IntArray, int]:
    """Return each row's place in a statistic's table, and how many places there are."""
    missing = np.isnan(codes)
    most = int(codes[~missing].max(initial=-1.0)) + 1
    return np.where(missing, most, codes).astype(np.int64), most + 1


def _strength(first: First, statistic: Statistic) -> float:
    """Return how much a statistic alone moves the log-odds, as a standard deviation."""
    places, _ = places_of(first.codes[statistic.columns[0]])
    return float(statistic.table[places].std()) if len(places) else 0.0


def kinds_to_try(table: Table) -> Iterator[Statistics]:
    """Yield the kinds that differ on a table."""
    codes = sum(feature.unit == "code" for feature in table.features)
    yield "none"
    if codes:
        yield "single"
    if codes > 1:
        yield "pairs"
