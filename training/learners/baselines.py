"""What every report compares with."""

from training.config import Evaluating
from training.learners.default_trees import DefaultTreeLearner
from training.learners.learner import Learner
from training.learners.logistic import LogisticLearner
from training.learners.naive_bayes import NaiveBayesLearner
from training.learners.rates import RateLearner


def baselines(config: Evaluating, seed: int, threads: int = 0) -> tuple[Learner, ...]:
    """Return what every report compares with."""
    return (
        RateLearner(by_channel=False, prior_rows=config.prior_rows),
        RateLearner(by_channel=True, prior_rows=config.prior_rows),
        LogisticLearner(config, seed),
        NaiveBayesLearner(),
        DefaultTreeLearner(seed, threads),
    )
