"""Ridge logistic regression on standardised features."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from features.arrays import BoolArray, FloatArray, IntArray
from training.config import Evaluating
from training.learners.learner import ONE_SIZE, Settled
from training.table import Table


@dataclass(frozen=True, slots=True)
class Standardised:
    """How columns are made fit for a linear model: medians, indicators of gaps, scales."""

    median: FloatArray
    gaps: IntArray
    mean: FloatArray
    scale: FloatArray

    @staticmethod
    def of(X: FloatArray) -> "Standardised":
        """Return what the columns of training rows need."""
        missing = np.isnan(X)
        median = np.zeros(X.shape[1])
        for column in range(X.shape[1]):
            known = X[~missing[:, column], column]
            median[column] = np.median(known) if len(known) else 0.0
        gaps = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))
        filled = _filled(X, missing, median, gaps)
        scale = filled.std(axis=0)
        return Standardised(median, gaps, filled.mean(axis=0), np.where(scale > 0, scale, 1.0))

    def apply(self, X: FloatArray) -> FloatArray:
        """Return columns with mean 0 and standard deviation 1 in the training rows."""
        out: FloatArray = _filled(X, np.isnan(X), self.median, self.gaps)
        out -= self.mean
        out /= self.scale
        return np.clip(out, -10.0, 10.0, out=out)


def _filled(X: FloatArray, missing: BoolArray, median: FloatArray, gaps: IntArray) -> FloatArray:
    return np.hstack([np.where(missing, median, X), missing[:, gaps].astype(np.float64)])


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted logistic regression."""

    columns: Standardised
    coefficient: FloatArray
    intercept: float

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""
        return table.each(self._margin)

    def _margin(self, X: FloatArray) -> FloatArray:
        out: FloatArray = self.columns.apply(X) @ self.coefficient + self.intercept
        return out


@dataclass(frozen=True, slots=True)
class LogisticLearner:
    """Ridge logistic regression on the same features."""

    config: Evaluating
    seed: int
    name: str = field(default="logistic")
    sizes: tuple[int, ...] = ONE_SIZE

    def start(self, table: Table, judged: Table) -> Settled:
        """Return the fit."""
        return Settled(self.fit(table, 0), judged)

    def fit(self, table: Table, size: int) -> Logistic:
        """Return the regression on at most `most_baseline_rows` rows."""
        del size
        table = self._drawn(table)
        columns = Standardised.of(table.X)
        model = LogisticRegression(C=self.config.logistic_c, max_iter=200)
        with warnings.catch_warnings():  # a fit cut short is still a baseline
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(columns.apply(table.X), table.target, sample_weight=table.weight)
        return Logistic(columns, model.coef_[0], float(model.intercept_[0]))

    def _drawn(self, table: Table) -> Table:
        most = self.config.most_baseline_rows
        if table.n_rows <= most:
            return table.held()
        generator = np.random.default_rng(self.seed)
        return table.take(np.sort(generator.choice(table.n_rows, most, replace=False))).held()
