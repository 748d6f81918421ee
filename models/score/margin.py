"""How trees and a linear part together give the margin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from features.arrays import FloatArray
from features.errors import BundleError
from features.statistics import TargetStatistics
from models.score.linear import LinearPart
from models.score.trees import Trees


@dataclass(frozen=True)
class Blend:
    """What stands beside the trees.

    Parameters
    ----------
    tree_weight : float
        Weight of the trees' margin; the linear part has the rest.
    linear : LinearPart or None
        None where the trees have all the weight.
    statistics : TargetStatistics
        Columns that only the trees see.
    """

    tree_weight: float = 1.0
    linear: LinearPart | None = None
    statistics: TargetStatistics = field(default_factory=TargetStatistics)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "tree_weight": self.tree_weight,
            "linear": None if self.linear is None else self.linear.to_json(),
            "statistics": self.statistics.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Blend":
        """Return the blend that `to_json` wrote.

        Raises
        ------
        BundleError
            When the weights do not fit the parts.
        """
        linear = data["linear"]
        weight = float(data["tree_weight"])
        if not 0.0 <= weight <= 1.0 or (linear is None and weight < 1.0):
            raise BundleError(f"tree_weight is {weight:g}, expected 0 to 1, and 1 without linear")
        return Blend(
            tree_weight=weight,
            linear=None if linear is None else LinearPart.from_json(linear),
            statistics=TargetStatistics.from_json(data["statistics"]),
        )


@dataclass(frozen=True)
class MarginModel:
    """A model that gives margins.

    Parameters
    ----------
    trees : Trees or None
        None where the linear part has all the weight.
    blend : Blend
        What stands beside them.
    n_features : int
        Columns of the matrix, without statistics.

    Raises
    ------
    BundleError
        When trees or linear part are absent, or of other columns.
    """

    trees: Trees | None
    blend: Blend
    n_features: int

    def __post_init__(self) -> None:
        wanted = self.n_features + len(self.blend.statistics.statistics)
        if self.trees is None and self.blend.tree_weight > 0.0:
            raise BundleError(f"the trees have weight {self.blend.tree_weight:g} and are absent")
        if self.trees is not None and self.trees.n_features != wanted:
            raise BundleError(
                f"model.txt has {self.trees.n_features} features, manifest.json {wanted}"
            )
        curves = () if self.blend.linear is None else self.blend.linear.curves
        columns = [column for one in self.blend.statistics.statistics for column in one.columns]
        columns += [curve.column for curve in curves]
        if any(not 0 <= column < self.n_features for column in columns):
            raise BundleError(
                f"manifest.json: a part is not about one of {self.n_features} features"
            )

    def margin(self, X: FloatArray) -> FloatArray:
        """Return margins, shape (n_rows,), in log-odds.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.
        """
        weight, linear = self.blend.tree_weight, self.blend.linear
        if self.trees is None:
            assert linear is not None, "checked when made"
            return linear.margin(X)
        trees = self.trees.margin(self.blend.statistics.extend(X))
        if linear is None:
            return trees
        return weight * trees + (1.0 - weight) * linear.margin(X)
