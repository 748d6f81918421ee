"""The linear part of a model: a piecewise linear curve for each feature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray
from features.errors import BundleError
from models.score.linear_kernel import Curves, add_curves


@dataclass(frozen=True)
class Curve:
    """What one feature adds to the margin.

    Parameters
    ----------
    column : int
        Of the matrix.
    knots : array of shape (n_knots,)
        Rising; the codes themselves where the feature is a code.
    values : array of shape (n_knots,)
        Log-odds at the knots; linear in between, constant outside.
    missing : float
        Log-odds where the feature is missing.
    mean : float
        Mean log-odds over the rows learned from.
    """

    column: int
    knots: FloatArray
    values: FloatArray
    missing: float
    mean: float

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "column": self.column,
            "knots": self.knots.tolist(),
            "values": self.values.tolist(),
            "missing": self.missing,
            "mean": self.mean,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Curve":
        """Return the curve that `to_json` wrote."""
        knots, values = (np.array(data[name], dtype=np.float64) for name in ("knots", "values"))
        if not len(knots) or len(knots) != len(values) or np.any(np.diff(knots) <= 0.0):
            raise BundleError("a curve's knots must rise, and have a value each")
        missing, mean = float(data["missing"]), float(data["mean"])
        return Curve(int(data["column"]), knots, values, missing, mean)


@dataclass(frozen=True)
class LinearPart:
    """A regularised logistic regression, as curves.

    Parameters
    ----------
    intercept : float
        Log-odds.
    curves : tuple of Curve
        At most one for each column.

    Examples
    --------
    >>> curve = Curve(0, np.array([0.0, 10.0]), np.array([0.0, 1.0]), 0.25, 0.5)
    >>> LinearPart(-2.0, (curve,)).margin(np.array([[5.0], [99.0], [np.nan]]))
    array([-1.5 , -1.  , -1.75])
    """

    intercept: float
    curves: tuple[Curve, ...]
    _flat: Curves = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        curves = self.curves
        none = np.zeros(0)
        flat = Curves(
            column=_integers([curve.column for curve in curves]),
            start=_integers([0, *np.cumsum([len(curve.knots) for curve in curves]).tolist()]),
            knot=np.concatenate([none, *(curve.knots for curve in curves)]),
            value=np.concatenate([none, *(curve.values for curve in curves)]),
            missing=np.array([curve.missing for curve in curves], dtype=np.float64),
            mean=np.array([curve.mean for curve in curves], dtype=np.float64),
        )
        object.__setattr__(self, "_flat", flat)

    @property
    def expected(self) -> float:
        """The mean margin over the rows learned from."""
        return self.intercept + float(self._flat.mean.sum())

    def margin(self, X: FloatArray) -> FloatArray:
        """Return margins, shape (n_rows,), in log-odds.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.
        """
        return self.explain(X, np.zeros(X.shape[1], dtype=np.int64), 1)[0]

    def explain(
        self, X: FloatArray, slots: IntArray, n_slots: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return margins and contributions, both in log-odds.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.
        slots : array of shape (n_features,)
            Column of the contributions that each feature's is added to.
        n_slots : int
            Columns of the contributions.

        Returns
        -------
        margin : array of shape (n_rows,)
        contributions : array of shape (n_rows, n_slots)
            How far each feature's curve is from its mean; their row sum plus `expected` is
            the margin, to rounding.
        """
        margin = np.empty(len(X))
        contributions = np.zeros((len(X), n_slots))
        X = np.ascontiguousarray(X)
        add_curves(X, self._flat, self.intercept, slots, margin, contributions)
        return margin, contributions

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {"intercept": self.intercept, "curves": [curve.to_json() for curve in self.curves]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "LinearPart":
        """Return the part that `to_json` wrote.

        Raises
        ------
        BundleError
            When a curve's knots do not rise.
        """
        curves = tuple(Curve.from_json(curve) for curve in data["curves"])
        return LinearPart(float(data["intercept"]), curves)


def _integers(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)
