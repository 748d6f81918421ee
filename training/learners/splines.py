"""Ridge logistic regression on a piecewise linear curve for each feature."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from features.arrays import FloatArray, IntArray
from features.feature import Feature
from models.score.linear import Curve, LinearPart
from training.config import Shape, Splines
from training.learners.shape import directions, straightened
from training.learners.weights import fading
from training.table import Table

TAILS = (0.01, 0.99)
"""A curve is constant outside these quantiles."""
LEAST_ROWS_OF_CODE = 5
STEPS = 200
FLAG = "flag"


class Term(NamedTuple):
    """One column of the regression.

    Parameters
    ----------
    column : int
        Column of the features.
    kind : str
        "missing": 1 where missing; "code": 1 where it is the code `at`; "rise": how far it
        is over `at`, at most up to `top`.
    at, top : float
    """

    column: int
    kind: str
    at: float
    top: float


@dataclass(frozen=True, slots=True)
class Basis:
    """The columns of the regression, standardised.

    Parameters
    ----------
    terms : tuple of Term
    mean, scale : arrays of shape (n_terms,)
        Over the known values of the rows learned from.
    """

    terms: tuple[Term, ...]
    mean: FloatArray
    scale: FloatArray

    @staticmethod
    def of(X: FloatArray, features: Sequence[Feature], knots: int) -> "Basis":
        """Return the terms that the values of some rows ask for."""
        terms = tuple(_terms(X, features, knots))
        mean, scale = np.zeros(len(terms)), np.ones(len(terms))
        for i, term in enumerate(terms):
            values = _values(term, X[:, term.column])
            known = values[~np.isnan(values)]
            mean[i] = known.mean()
            scale[i] = np.nan_to_num(values, nan=mean[i]).std() or 1.0
        return Basis(terms, mean, scale)

    def apply(self, X: FloatArray) -> NDArray[np.float32]:
        """Return the standardised columns; a missing value is at the mean, 0."""
        out = np.empty((len(X), len(self.terms)), dtype=np.float32)  # half the memory and time
        for i, term in enumerate(self.terms):
            values = (_values(term, X[:, term.column]) - self.mean[i]) / self.scale[i]
            out[:, i] = np.nan_to_num(values, nan=0.0)
        return out

    def curves(self, coefficient: FloatArray) -> Iterator[Curve]:
        """Yield a curve for each feature, from the coefficients of its terms."""
        weight = coefficient / self.scale
        for column in sorted({term.column for term in self.terms}):
            own = [i for i, term in enumerate(self.terms) if term.column == column]
            knots = np.array(sorted({k for i in own for k in _knots(self.terms[i])} or {0.0}))
            values, missing = np.zeros(len(knots)), 0.0
            for i in own:
                term = self.terms[i]
                if term.kind == "missing":
                    values -= weight[i] * self.mean[i]
                    missing += weight[i] * (1.0 - self.mean[i])
                else:
                    values += weight[i] * (_values(term, knots) - self.mean[i])
            # Every term has the mean 0 over the rows learned from, and so has the curve.
            yield Curve(column, knots, values, float(missing), 0.0)


def _values(term: Term, x: FloatArray) -> FloatArray:
    if term.kind == "missing":
        return np.isnan(x).astype(np.float64)
    if term.kind == "code":
        return np.where(np.isnan(x), np.nan, x == term.at)
    rise: FloatArray = np.clip(x, term.at, term.top) - term.at
    return rise


def _knots(term: Term) -> tuple[float, ...]:
    """Return where a term bends; a code beyond the known ones counts as no known one."""
    if term.kind == "missing":
        return ()
    if term.kind == "code":
        return (term.at - 1.0, term.at, term.at + 1.0)
    return (term.at, term.top)


def _terms(X: FloatArray, features: Sequence[Feature], knots: int) -> Iterator[Term]:
    coded = {feature.about for feature in features if feature.unit == "code"}
    gaps: set[bytes] = set()
    for column, feature in enumerate(features):
        missing = np.isnan(X[:, column])
        known = X[~missing, column]
        if not len(known):
            continue
        pattern = missing.tobytes()
        if missing.any() and pattern not in gaps:
            gaps.add(pattern)
            yield Term(column, "missing", 0.0, 0.0)
        if feature.unit == "code":
            codes, rows = np.unique(known, return_counts=True)
            for code in codes[rows >= LEAST_ROWS_OF_CODE].tolist():
                yield Term(column, "code", code, 0.0)
        elif not (feature.unit == FLAG and feature.about in coded):  # the code tells the same
            yield from _rises(column, known, knots)


def _rises(column: int, known: FloatArray, knots: int) -> Iterator[Term]:
    distinct = np.unique(known)
    low, high = np.quantile(known, TAILS).tolist()
    if low == high or len(distinct) <= 2:
        low, high = float(distinct[0]), float(distinct[-1])
    if low == high:
        return
    yield Term(column, "rise", low, high)
    if len(distinct) > 2:
        inner = np.unique(np.quantile(known, np.linspace(0.0, 1.0, knots + 2)[1:-1]))
        for knot in inner[(inner > low) & (inner < high)].tolist():
            yield Term(column, "rise", knot, high)


def _whole(
    Z: NDArray[np.float32], target: FloatArray, weight: FloatArray
) -> tuple[NDArray[np.float32], FloatArray, FloatArray]:
    """Return rows with targets 0 and 1 only: a target between is a part won, a part not."""
    between = (target > 0.0) & (target < 1.0)
    if not between.any():
        return Z, target, weight
    part = np.where(between, target, 1.0)
    return (
        np.concatenate([Z, Z[between]]),
        np.concatenate([(target > 0.0).astype(np.float64), np.zeros(int(between.sum()))]),
        np.concatenate([weight * part, (weight * (1.0 - part))[between]]),
    )


@dataclass(frozen=True, slots=True)
class FittedCurves:
    """A fitted regression."""

    linear: LinearPart

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""
        return table.each(self.linear.margin)


class GrowingCurves:
    """A regression whose penalty falls step by step."""

    def __init__(self, table: Table, judged: Table, learner: "SplineLearner") -> None:
        self._judged = judged
        self._learner = learner
        self._fits = learner.fits(table)
        self._margins: list[FloatArray] = []
        self.grow()

    def grow(self) -> None:
        """Go on to the next smaller penalty."""
        self._margins.append(next(self._fits).margin(self._judged))

    def margin(self) -> FloatArray:
        """Return the judged rows' log-odds under the present penalty."""
        return self._margins[-1]

    def margin_at(self, size: int) -> FloatArray:
        """Return the judged rows' log-odds under a penalty that was reached."""
        return self._margins[size]


@dataclass(frozen=True, slots=True)
class SplineLearner:
    """Logistic regression on splines of degree one, and on every frequent code.

    Parameters
    ----------
    config : Splines
        Its sizes are the places in `config.strengths`.
    seed : int
        Of the rows that are drawn where there are too many.
    half_life : float or None
        Share of the data's span after which a row counts half.
    shape : Shape
        Effects that may only rise or only fall.
    """

    config: Splines
    seed: int
    half_life: float | None = None
    shape: Shape = field(default_factory=Shape)
    name: str = field(default="logistic_splines")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Places of the penalties, from the largest."""
        return tuple(range(len(self.config.strengths)))

    def start(self, table: Table, judged: Table) -> GrowingCurves:
        """Return the fit of the largest penalty."""
        return GrowingCurves(table, judged, self)

    def fit(self, table: Table, size: int) -> FittedCurves:
        """Return the fit of one penalty; on the way it passes the larger ones."""
        fits = self.fits(table)
        for _ in range(size):
            next(fits)
        return next(fits)

    def fits(self, table: Table) -> Iterator[FittedCurves]:
        """Yield the fits of all penalties, each started from the one before."""
        table = self._drawn(table)
        basis = Basis.of(table.X, table.features, self.config.knots)
        Z, target, weight = _whole(
            basis.apply(table.X), table.target, fading(table, self.half_life)
        )
        signs = directions(table.features, self.shape)
        model = LogisticRegression(max_iter=STEPS, warm_start=True)
        for strength in self.config.strengths:
            model.set_params(C=strength)
            # One thread, so that the sums have one order on every machine.
            with warnings.catch_warnings(), threadpool_limits(1):
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(Z, target, sample_weight=weight)
            curves = tuple(basis.curves(np.asarray(model.coef_[0], dtype=np.float64)))
            yield FittedCurves(straightened(LinearPart(float(model.intercept_[0]), curves), signs))

    def _drawn(self, table: Table) -> Table:
        most = self.config.most_rows
        if table.n_rows <= most:
            return table.held()
        generator = np.random.default_rng(self.seed)
        rows: IntArray = np.sort(generator.choice(table.n_rows, most, replace=False))
        return table.take(rows).held()
