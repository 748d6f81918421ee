"""The choice among candidates: by log loss out of time, the simpler one when in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray
from models.score.points import probability_of
from training.calibrate import Seen, fit_calibration
from training.choice import BLEND, RATES, SPLINES, TREES, Choice
from training.config import Boosting, Splines, TrainingConfig
from training.correct import corrected
from training.evaluate.metrics import row_log_loss
from training.evaluate.paired import by_origin, paired
from training.learners.blend import ChoiceLearner
from training.learners.learner import Growing, Learner
from training.learners.rates import RateLearner
from training.learners.splines import SplineLearner
from training.learners.trees import TreeLearner
from training.procedure import OutOfTime, Procedure, run_procedure
from training.progress import Tried, unseen
from training.search import search
from training.sizes import choose_size
from training.split import Origin
from training.table import Table

NEARLY_ALL = 0.8
"""With more of the trees that are allowed, a faster learning rate is tried as well."""
UNCHOSEN = Choice(SPLINES, strength=1)
"""What answers where nothing can be tried out: a strongly regularised logistic regression."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One choice, and how it did out of time.

    Parameters
    ----------
    choice : Choice
    margin : array of shape (n_seen,)
        Log-odds of all rows that the origins judged, before calibration.
    loss : array of shape (n_seen,)
        Log loss of each row once calibrated.
    """

    choice: Choice
    margin: FloatArray
    loss: FloatArray


class Chooser:
    """Tries the candidates over the same origins.

    Parameters
    ----------
    table : Table
        All rows.
    origins : sequence of Origin
        At least one.
    config : TrainingConfig
    tell : callable
        Is told of each part that is done.
    """

    def __init__(
        self,
        table: Table,
        origins: Sequence[Origin],
        config: TrainingConfig,
        tell: Tried = unseen,
    ) -> None:
        self._config = config
        self._tell = tell
        self._told = [table.take(origin.train) for origin in origins]
        self._judged = [table.take(origin.judge) for origin in origins]
        self._teach(0.0)
        self.seen = Seen.of(self._judged, together=not in_time(origins))
        self.group = np.concatenate([rows.group for rows in self._judged])
        self.trials: list[dict[str, Any]] = []

    def candidates(self) -> list[Candidate]:
        """Return the best of every kind, the simplest first."""
        # Without segments: naming one must not take the place of a model.
        learner = RateLearner(True, self._prior, by_segment=False)
        rates = self._candidate(Choice(RATES), self._settled(learner))
        splines = self._credited()
        self._tell()
        trees = self._trees()
        self._tell()
        blends = [self._blend(splines, trees, w) for w in self._config.choosing.tree_weights]
        return [rates, splines, *([self.best(blends)] if blends else []), trees]

    def best(self, candidates: Sequence[Candidate]) -> Candidate:
        """Return the candidate with the least log loss."""
        return min(candidates, key=lambda one: self.mean(one.loss))

    def mean(self, loss: FloatArray) -> float:
        """Return the weighted mean over all judged rows."""
        return float((self.seen.weight * loss).sum() / self.seen.weight.sum())

    @property
    def _prior(self) -> float:
        return self._config.evaluating.prior_rows

    def _settled(self, learner: Learner) -> FloatArray:
        pairs = zip(self._learned, self._judged, strict=True)
        return np.concatenate([learner.start(a, b).margin() for a, b in pairs])

    def _sized(self, learner: Learner) -> tuple[int, FloatArray]:
        """Return the best size of a learner, and the margins at it."""
        growing: list[Growing] = [
            learner.start(a, b) for a, b in zip(self._learned, self._judged, strict=True)
        ]
        size = choose_size(learner.sizes, growing, self.seen, self._config.calibrating).size
        return size, np.concatenate([one.margin_at(size) for one in growing])

    def _credited(self) -> Candidate:
        """Return the best regression, and let all others learn as it does.

        Opportunities earn credit where that lowers the loss: no model becomes less simple by it.
        """
        settings = self._config.splines
        best = plain = self._splines(settings)
        some = any(bool(table.opportunity.any()) for table in self._told)
        for credit in self._config.choosing.opportunity_credits if some else ():
            self._teach(credit)
            best = self.best([best, self._splines(nearby(settings, plain.choice))])
        self._teach(best.choice.opportunity_credit)
        return best

    def _teach(self, credit: float) -> None:
        self._credit = credit
        self._learned = [table.taught(credit) for table in self._told]

    def _splines(self, settings: Splines) -> Candidate:
        """Return the best penalty, and with it the best of the half-lives."""
        seed, shape = self._config.seed, self._config.shape
        size, margin = self._sized(SplineLearner(settings, seed, None, shape))
        tried = [self._candidate(Choice(SPLINES, splines=settings, strength=size), margin)]
        only = replace(settings, strengths=(settings.strengths[size],))
        for half_life in settings.half_lives:
            choice = Choice(SPLINES, splines=only, half_life=half_life)
            fading = self._settled(SplineLearner(only, seed, half_life, shape))
            tried.append(self._candidate(choice, fading))
        return self.best(tried)

    def _trees(self) -> Candidate:
        boosting, self.trials = search(self._learned, self._judged, self._config, self._tell)
        tried = [self._grown(boosting)]
        if tried[0].choice.trees >= NEARLY_ALL * boosting.most_trees:
            faster = min(1.0, 2.0 * boosting.learning_rate)
            tried.append(self._grown(replace(boosting, learning_rate=faster)))
        return self.best(tried)

    def _grown(self, boosting: Boosting) -> Candidate:
        size, margin = self._sized(TreeLearner(replace(self._config, boosting=boosting)))
        return self._candidate(Choice(TREES, 1.0, boosting, size), margin)

    def _blend(self, splines: Candidate, trees: Candidate, weight: float) -> Candidate:
        choice = replace(
            splines.choice,
            name=BLEND,
            tree_weight=weight,
            boosting=trees.choice.boosting,
            trees=trees.choice.trees,
        )
        return self._candidate(choice, weight * trees.margin + (1.0 - weight) * splines.margin)

    def _candidate(self, choice: Choice, margin: FloatArray) -> Candidate:
        calibration = fit_calibration(margin, self.seen, self._config.calibrating)
        z = calibration.slope * margin + calibration.intercept
        if choice.name != RATES:
            choice = replace(choice, opportunity_credit=self._credit)
        return Candidate(choice, margin, row_log_loss(probability_of(z), self.seen.target))


def nearby(settings: Splines, chosen: Choice) -> Splines:
    """Return the penalty that was chosen without credit, the next smaller one, and its age.

    With credit there is more to learn from, so that a smaller penalty may be better.
    """
    strength = chosen.splines.strengths[chosen.strength]
    return replace(
        settings,
        strengths=tuple(one for one in settings.strengths if one >= strength)[:2],
        half_lives=() if chosen.half_life is None else settings.half_lives,
    )


def parts_of(config: TrainingConfig) -> int:
    """Return of how many parts `run_choice` tells: trials, regressions, trees, the last fit."""
    return config.choosing.trials + 3


def run_choice(
    table: Table,
    train: IntArray,
    origins: Sequence[Origin],
    config: TrainingConfig,
    tell: Tried = unseen,
) -> Procedure:
    """Return what the whole procedure makes of rows: choice, calibration, refit.

    Parameters
    ----------
    table : Table
        All rows.
    train : array
        Rows of the table that may be learned from.
    origins : sequence of Origin
        Inside `train`; without any, nothing is chosen and nothing calibrated.
    tell : callable
        Is told of each part that is done.
    """
    if not origins:
        alone = run_procedure(
            ChoiceLearner(UNCHOSEN, config), table, train, origins, config.calibrating
        )
        return replace(alone, choice=UNCHOSEN)
    chooser = Chooser(table, origins, config, tell)
    candidates = chooser.candidates()
    chosen, told = simplest(candidates, chooser, config.choosing.errors)
    calibration = fit_calibration(chosen.margin, chooser.seen, config.calibrating)
    rows = np.concatenate([origin.judge for origin in origins])
    procedure = Procedure(
        size=chosen.choice.trees,
        calibration=calibration,
        fitted=ChoiceLearner(chosen.choice, config).fit(table.take(train), 0),
        out_of_time=OutOfTime(rows, chosen.margin),
        choice=chosen.choice,
        candidates=tuple(told),
        trials=tuple(chooser.trials),
    )
    tell()
    if chosen.choice.name == RATES:  # they are those of channels already
        return procedure
    return corrected(procedure, table.take(rows), chooser.seen)


def simplest(
    candidates: Sequence[Candidate], chooser: Chooser, errors: float
) -> tuple[Candidate, list[dict[str, Any]]]:
    """Return the simplest candidate that cannot be told from the best, and what was compared.

    The less weight trees have, the simpler: a blend varies less than trees alone.
    A candidate cannot be told from the best when its loss is at most so many standard errors
    of the paired difference above (the one-standard-error rule of Breiman, Friedman, Olshen
    and Stone, Classification and regression trees, 1984, on paired differences).
    """
    best = chooser.best(candidates)
    chosen = best
    beside: list[tuple[Candidate, float, float]] = []
    for one in sorted(candidates, key=lambda one: -one.choice.complexity):
        difference, error = paired(one.loss - best.loss, chooser.seen.weight, chooser.group)
        if difference <= errors * error:
            chosen = one
        beside.append((one, difference, error))
    told = [
        {
            "name": one.choice.name,
            "tree_weight": one.choice.tree_weight,
            "log_loss": chooser.mean(one.loss),
            "by_origin": by_origin(one.loss, chooser.seen),
            "difference": difference,
            "standard_error": error,
            "chosen": one is chosen,
        }
        for one, difference, error in reversed(beside)
    ]
    return chosen, told


def in_time(origins: Sequence[Origin]) -> bool:
    """Return whether origins are moments in the past, not parts of the same time."""
    return all(np.isfinite(origin.at) for origin in origins)
