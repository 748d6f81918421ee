"""Margins and what they come from, for trees, a linear part, and both."""

from dataclasses import dataclass

import numpy as np

from features.arrays import FloatArray, IntArray
from models.explain.contributions import ContributionTables
from models.score.margin import MarginModel

LEAST_GAIN = 1e-300


@dataclass(frozen=True)
class Explainer:
    """A model with what its contributions need.

    Parameters
    ----------
    model : MarginModel
    about_of : array of shape (n_features,)
        Position of what each feature is about.
    n_abouts : int
    tables : ContributionTables or None
        Of the trees.
    """

    model: MarginModel
    about_of: IntArray
    n_abouts: int
    tables: ContributionTables | None

    @staticmethod
    def build(model: MarginModel, about_of: IntArray) -> "Explainer":
        """Return the explainer of a model.

        Raises
        ------
        BundleError
            When the contribution tables would take more memory than allowed.
        """
        n_abouts = int(about_of.max(initial=-1)) + 1
        tables = None
        if model.trees is not None:
            slots = model.blend.statistics.slots(about_of)
            tables = ContributionTables.build(model.trees, slots)
        return Explainer(model, about_of, n_abouts, tables)

    @property
    def expected(self) -> float:
        """The margin that contributions are measured from."""
        weight, linear = self.model.blend.tree_weight, self.model.blend.linear
        trees = 0.0 if self.tables is None else self.tables.expected
        if linear is None:
            return trees
        return weight * trees + (1.0 - weight) * linear.expected

    def explain(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return margins and contributions, both in log-odds.

        Those of trees are path-dependent TreeSHAP values, those of the linear part distances
        from the mean; a pair of attributes shares its own equally.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            NaN where missing.

        Returns
        -------
        margin : array of shape (n_rows,)
            Equal to `MarginModel.margin` to the bit.
        contributions : array of shape (n_rows, n_abouts)
            Their row sum plus `expected` is the margin, to rounding.
        """
        blend = self.model.blend
        if self.tables is None:
            assert blend.linear is not None, "checked when the model was made"
            return blend.linear.explain(X, self.about_of, self.n_abouts)
        margin, by_slot = self.tables.explain(blend.statistics.extend(X))
        contributions = by_slot
        if self.tables.n_slots > self.n_abouts:
            contributions = blend.statistics.share(by_slot, self.about_of)
        if blend.linear is None:
            return margin, contributions
        linear, rest = blend.linear.explain(X, self.about_of, self.n_abouts)
        weight = blend.tree_weight
        contributions *= weight
        rest *= 1.0 - weight
        contributions += rest
        return weight * margin + (1.0 - weight) * linear, contributions

    def gain(self) -> FloatArray:
        """Return the share of the trees' gain by about, all 0 without trees."""
        trees = self.model.trees
        if trees is None:
            return np.zeros(self.n_abouts)
        slots = self.model.blend.statistics.slots(self.about_of)
        by_slot = np.zeros(int(slots.max()) + 1)
        np.add.at(by_slot, slots, trees.gain_by_feature())
        gain = self.model.blend.statistics.share(by_slot[None, :], self.about_of)[0]
        out: FloatArray = gain / max(float(gain.sum()), LEAST_GAIN)
        return out
