"""All that can be chosen about a training, in one place."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from features.errors import ConfigError
from models.score.trees import MOST_DEPTH, MOST_LEAVES, MOST_TREES

Statistics = Literal["none", "single", "pairs"]


@dataclass(frozen=True, slots=True)
class Splitting:
    """Which rows are judged, and from which rows they may be predicted.

    Parameters
    ----------
    test_share : float
        Share of the mature leads, the newest, on which the figures are reported.
    origins : int
        Rolling origins before the test.
    origins_share : float
        Share of the leads before the test, the newest, that the origins' windows take.
    least_outcomes : int
        Wins and losses (leads) that a fit needs; with fewer, rates answer.
    most_leads : int
        No fit sees many more leads; where there are more, accounts are drawn by the seed.
    """

    test_share: float = 0.2
    origins: int = 3
    origins_share: float = 0.5
    least_outcomes: int = 40
    most_leads: int = 100_000


@dataclass(frozen=True, slots=True)
class Boosting:
    """How LightGBM fits.

    Parameters
    ----------
    learning_rate : float
        What each tree contributes.
    leaves, depth, most_trees : int
        Of each tree, and how many trees; the bounds are what a bundle allows.
    rows_in_leaf : int or None
        Least rows in a leaf; none: grows slowly with the number of leads.
    feature_share : float
        Share of the features that each tree may use.
    row_share : float
        Share of the rows that each tree sees.
    l2 : float
        Penalty on leaf values.
    every : int
        The number of trees is a multiple of it.
    statistics : "none", "single" or "pairs"
        Target statistics that the trees see: none, of every category, and of the pairs of the
        strongest ones besides.
    half_life : float or None
        Share of the data's span after which a row counts half; none: all count alike.
    rows_in_leaf_factor : float
        Times the least rows in a leaf that would be taken by themselves.
    lost_share : float
        Share of the rows not won that trees are fitted on, drawn by the seed; its effect on the
        log-odds is undone in the margin.
    """

    learning_rate: float = 0.05
    leaves: int = 15
    depth: int = 6
    most_trees: int = MOST_TREES
    rows_in_leaf: int | None = None
    feature_share: float = 0.8
    row_share: float = 0.8
    l2: float = 10.0
    every: int = 5
    statistics: Statistics = "none"
    half_life: float | None = None
    rows_in_leaf_factor: float = 1.0
    lost_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Splines:
    """How the logistic regression on splines fits.

    Parameters
    ----------
    knots : int
        Inner knots of a curve, at quantiles.
    strengths : tuple of float
        Inverse strengths of the penalty to choose from, rising.
    half_lives : tuple of float
        Besides none: shares of the data's span after which a row counts half.
    most_rows : int
        It is fitted on at most so many rows, drawn by the seed.
    """

    knots: int = 4
    strengths: tuple[float, ...] = (0.0005, 0.002, 0.008, 0.03)
    half_lives: tuple[float, ...] = (0.2,)
    most_rows: int = 100_000


@dataclass(frozen=True, slots=True)
class Choosing:
    """How the candidate is chosen.

    Parameters
    ----------
    trials : int
        Settings of LightGBM that the search tries.
    search_rows : int
        Rows per origin, drawn by the seed, that a trial learns from at most.
    search_rate : float
        Learning rate of a trial; larger than that of the fit, to be quicker.
    tree_weights : tuple of float
        Weights of the trees in a blend.
    errors : float
        A simpler candidate is taken when its loss is at most so many standard errors of the
        paired difference above the best.
    opportunity_credits : tuple of float
        What an opportunity that was not won may count beside a win in the fit; 0 is always
        tried. Only for exports that tell when opportunities were opened.
    folds : int
        Parts by account, where no moment in the past knew enough outcomes to learn from.
    """

    trials: int = 20
    search_rows: int = 10_000
    search_rate: float = 0.1
    tree_weights: tuple[float, ...] = (0.25, 0.5, 0.75)
    errors: float = 1.0
    opportunity_credits: tuple[float, ...] = (0.5,)
    folds: int = 5


@dataclass(frozen=True, slots=True)
class Calibrating:
    """How far out-of-time predictions may move the calibration from slope 1, intercept 0.

    Parameters
    ----------
    slope_sd, intercept_sd : float
        Standard deviations of the prior around slope 1 and intercept 0.
    """

    slope_sd: float = 0.25
    intercept_sd: float = 0.5


@dataclass(frozen=True, slots=True)
class Evaluating:
    """How figures are reported.

    Parameters
    ----------
    draws : int
        Bootstrap draws over groups.
    confidence : float
        Of the intervals.
    prior_rows : float
        Rows at the base rate that each channel's rate is given besides its own.
    logistic_c : float
        Inverse strength of the penalty of the logistic baseline.
    most_baseline_rows : int
        The logistic baseline is fitted on at most so many rows, drawn by the seed.
    contacted_within_hours : float
        First contact within so many hours counts as in time.
    """

    draws: int = 200
    confidence: float = 0.95
    prior_rows: float = 50.0
    logistic_c: float = 0.1
    most_baseline_rows: int = 200_000
    contacted_within_hours: float = 24.0


@dataclass(frozen=True, slots=True)
class Gate:
    """What a new model must show before it answers.

    Parameters
    ----------
    least_leads : int
        Leads judged; with fewer, nothing can be told.
    least_outcomes : int
        Wins and losses among them, of each.
    log_loss_margin : float
        So much more log loss than the champion's is still taken for none.
    least_leads_of_segment : int
        A channel or segment with fewer leads is not compared on its own.
    error_rate : float
        Chance that any channel or segment is called worse although none is.
    least_slope, most_slope : float
        Bounds of the calibration slope.
    least_observed_expected, most_observed_expected : float
        Bounds of wins that came over wins expected.
    calibration_margin : float
        Outside the bounds, the logarithm may be farther from 0 than the champion's by so much.
    volume_change : float
        The number of leads of a label may move by this share without approval.
    latency_ms : float
        For one lead alone, explained.
    bundle_mb : float
        All files together.
    """

    least_leads: int = 200
    least_outcomes: int = 40
    log_loss_margin: float = 0.002
    least_leads_of_segment: int = 100
    error_rate: float = 0.05
    least_slope: float = 0.8
    most_slope: float = 1.25
    least_observed_expected: float = 0.85
    most_observed_expected: float = 1.15
    calibration_margin: float = 0.05
    volume_change: float = 0.1
    latency_ms: float = 1.0
    bundle_mb: float = 50.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What the effect of a feature may look like, where people know it.

    Parameters
    ----------
    rising, falling : tuple of str
        Names of features, such as "employees" or "demo_request.total": with a larger value
        and all else alike the probability never falls, or never rises. Says nothing of
        missing values.
    """

    rising: tuple[str, ...] = ()
    falling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What is learned from the leads alone that sales were offered.

    Parameters
    ----------
    fit_offered : bool
        Whether the report also tells how a fit on offered leads does, each counted by how
        likely it was to be offered. What is served stays the same.
    largest_weight : float
        A rarer lead counts no more than this, at the price of some bias.
    """

    fit_offered: bool = False
    largest_weight: float = 20.0


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """All that can be chosen about a training.

    Parameters
    ----------
    seed : int
        Of all randomness.
    threads : int
        For LightGBM; 0 takes all processors. Not part of what determines the result.
    memory_mb : int
        Features that take more stand in a scratch file, and are read in parts. Not part of what
        determines the result.
    golden_leads : int
        How many leads the bundle carries at most to check itself.
    reference_leads : int
        How many past leads it carries at most, to preview changes and to watch for drift.
    """

    seed: int = 1
    threads: int = 0
    memory_mb: int = 500
    golden_leads: int = 20
    reference_leads: int = 10_000
    splitting: Splitting = field(default_factory=Splitting)
    boosting: Boosting = field(default_factory=Boosting)
    splines: Splines = field(default_factory=Splines)
    choosing: Choosing = field(default_factory=Choosing)
    calibrating: Calibrating = field(default_factory=Calibrating)
    evaluating: Evaluating = field(default_factory=Evaluating)
    gate: Gate = field(default_factory=Gate)
    shape: Shape = field(default_factory=Shape)
    selection: Selection = field(default_factory=Selection)

    def __post_init__(self) -> None:
        """Refuse numbers outside their bounds."""
        for where, value, low, high in bounds(self):
            if not low <= value <= high:
                raise ConfigError(f"{where} is {value:g}, expected {low:g} to {high:g}")

    def to_json(self) -> dict[str, Any]:
        """Return what determines the result."""
        data = dataclasses.asdict(self)
        del data["threads"], data["memory_mb"]
        return data


def bounds(config: TrainingConfig) -> Iterable[tuple[str, float, float, float]]:
    """Yield each number's name, value, least and most."""
    split, boost = config.splitting, config.boosting
    yield "seed", config.seed, 0, 2**31 - 1
    yield "threads", config.threads, 0, 1024
    yield "memory_mb", config.memory_mb, 0, 10**8
    yield "golden_leads", config.golden_leads, 1, 1000
    yield "reference_leads", config.reference_leads, 100, 1_000_000
    yield "splitting.test_share", split.test_share, 0.05, 0.5
    yield "splitting.origins", split.origins, 1, 20
    yield "splitting.origins_share", split.origins_share, 0.1, 0.8
    yield "splitting.least_outcomes", split.least_outcomes, 2, 10**6
    yield "splitting.most_leads", split.most_leads, 100, 10**9
    yield "boosting.learning_rate", boost.learning_rate, 1e-4, 1
    yield "boosting.leaves", boost.leaves, 2, MOST_LEAVES
    yield "boosting.depth", boost.depth, 1, MOST_DEPTH
    yield "boosting.most_trees", boost.most_trees, 1, MOST_TREES
    yield "boosting.rows_in_leaf", boost.rows_in_leaf or 1, 1, 10**6
    yield "boosting.feature_share", boost.feature_share, 0.01, 1
    yield "boosting.row_share", boost.row_share, 0.01, 1
    yield "boosting.l2", boost.l2, 0, 1e6
    yield "boosting.every", boost.every, 1, boost.most_trees
    yield "boosting.half_life", boost.half_life or 1.0, 0.01, 100
    yield "boosting.rows_in_leaf_factor", boost.rows_in_leaf_factor, 0.01, 100
    yield "boosting.lost_share", boost.lost_share, 0.001, 1
    yield "splines.knots", config.splines.knots, 0, 50
    yield "splines.strengths", len(config.splines.strengths), 1, 50
    for strength in config.splines.strengths:
        yield "splines.strengths", strength, 1e-8, 1e6
    for half_life in config.splines.half_lives:
        yield "splines.half_lives", half_life, 0.01, 100
    yield "splines.most_rows", config.splines.most_rows, 100, 10**8
    yield from _choosing_bounds(config.choosing)
    yield "calibrating.slope_sd", config.calibrating.slope_sd, 1e-6, 100
    yield "calibrating.intercept_sd", config.calibrating.intercept_sd, 1e-6, 100
    yield "evaluating.draws", config.evaluating.draws, 10, 10_000
    yield "evaluating.confidence", config.evaluating.confidence, 0.5, 0.999
    yield "evaluating.prior_rows", config.evaluating.prior_rows, 0.1, 1e6
    yield "evaluating.logistic_c", config.evaluating.logistic_c, 1e-6, 1e6
    yield "evaluating.most_baseline_rows", config.evaluating.most_baseline_rows, 100, 10**8
    hours = config.evaluating.contacted_within_hours
    yield "evaluating.contacted_within_hours", hours, 0.01, 8760
    yield from _gate_bounds(config.gate)
    yield "selection.largest_weight", config.selection.largest_weight, 1, 1e6


def _choosing_bounds(choosing: Choosing) -> Iterable[tuple[str, float, float, float]]:
    yield "choosing.trials", choosing.trials, 1, 10_000
    yield "choosing.search_rows", choosing.search_rows, 100, 10**8
    yield "choosing.search_rate", choosing.search_rate, 1e-4, 1
    for weight in choosing.tree_weights:
        yield "choosing.tree_weights", weight, 0, 1
    yield "choosing.errors", choosing.errors, 0, 10
    for credit in choosing.opportunity_credits:
        yield "choosing.opportunity_credits", credit, 0, 1
    yield "choosing.folds", choosing.folds, 2, 50


def _gate_bounds(gate: Gate) -> Iterable[tuple[str, float, float, float]]:
    yield "gate.least_leads", gate.least_leads, 1, 10**8
    yield "gate.least_outcomes", gate.least_outcomes, 1, 10**8
    yield "gate.log_loss_margin", gate.log_loss_margin, 0, 0.1
    yield "gate.least_leads_of_segment", gate.least_leads_of_segment, 10, 10**8
    yield "gate.error_rate", gate.error_rate, 1e-6, 0.5
    yield "gate.least_slope", gate.least_slope, 0.1, 1
    yield "gate.most_slope", gate.most_slope, 1, 10
    yield "gate.least_observed_expected", gate.least_observed_expected, 0.1, 1
    yield "gate.most_observed_expected", gate.most_observed_expected, 1, 10
    yield "gate.calibration_margin", gate.calibration_margin, 0, 1
    yield "gate.volume_change", gate.volume_change, 0, 10
    yield "gate.latency_ms", gate.latency_ms, 0.01, 10_000
    yield "gate.bundle_mb", gate.bundle_mb, 0.01, 10_000
