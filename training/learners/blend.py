"""A frozen choice of trees, splines, both or neither, as one way to learn."""

from dataclasses import dataclass, replace

from features.arrays import FloatArray
from models.score.linear import LinearPart
from models.score.margin import Blend
from training.choice import RATES, Choice
from training.config import TrainingConfig
from training.learners.learner import ONE_SIZE, Fitted, Settled
from training.learners.rates import RateLearner
from training.learners.splines import SplineLearner
from training.learners.trees import GrownTrees, TreeLearner
from training.table import Table


@dataclass(frozen=True, slots=True)
class FittedBlend:
    """Trees and a linear part; one of them may be absent.

    Parameters
    ----------
    trees : GrownTrees or None
    linear : LinearPart or None
    tree_weight : float
    """

    trees: GrownTrees | None
    linear: LinearPart | None
    tree_weight: float

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""
        if self.trees is None:
            assert self.linear is not None, "a choice has one of both"
            return table.each(self.linear.margin)
        if self.linear is None:
            return self.trees.margin(table)
        weight = self.tree_weight
        return weight * self.trees.margin(table) + (1.0 - weight) * table.each(self.linear.margin)

    @property
    def text(self) -> str | None:
        """The trees in LightGBM's text format."""
        return None if self.trees is None else self.trees.text

    @property
    def blend(self) -> Blend:
        """What stands beside the trees, for a bundle."""
        if self.trees is None:
            return Blend(0.0, self.linear)
        return Blend(self.tree_weight, self.linear, self.trees.statistics)


@dataclass(frozen=True, slots=True)
class ChoiceLearner:
    """Fits what a choice says.

    Parameters
    ----------
    choice : Choice
    config : TrainingConfig
        For all that the choice leaves open: seed, threads, penalties.
    """

    choice: Choice
    config: TrainingConfig
    sizes: tuple[int, ...] = ONE_SIZE

    @property
    def name(self) -> str:
        """Its name in reports."""
        return self.choice.name

    def start(self, table: Table, judged: Table) -> Settled:
        """Return the fit."""
        return Settled(self.fit(table, 0), judged)

    def fit(self, table: Table, size: int) -> Fitted:
        """Return the fit."""
        del size
        choice = self.choice
        if choice.name == RATES:
            prior = self.config.evaluating.prior_rows
            return RateLearner(True, prior, by_segment=False).fit(table, 0)
        table = table.taught(choice.opportunity_credit)
        trees = linear = None
        if choice.tree_weight > 0.0:
            config = replace(self.config, boosting=choice.boosting)
            trees = TreeLearner(config).fit(table, choice.trees)
        if choice.tree_weight < 1.0:
            learner = SplineLearner(
                choice.splines, self.config.seed, choice.half_life, self.config.shape
            )
            linear = learner.fit(table, choice.strength).linear
        return FittedBlend(trees, linear, choice.tree_weight)
