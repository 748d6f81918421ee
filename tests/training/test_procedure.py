from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from features.arrays import FloatArray
from features.column import constant_column
from features.feature import Feature
from models.score.points import probability_of
from models.score.trees import trees_from_text
from training.config_file import load_config
from training.evaluate.metrics import Predictions, all_metrics, row_log_loss
from training.learners.baselines import baselines
from training.learners.learner import Learner
from training.learners.logistic import LogisticLearner, Standardised
from training.learners.rates import RateLearner
from training.learners.trees import GrownTrees, TreeLearner
from training.procedure import Procedure, run_procedure
from training.split import Origin
from training.table import Table

CONFIG = load_config(None, ["threads=1", "boosting.most_trees=100"])


def world(n: int = 6000, seed: int = 1, signal: float = 1.0) -> tuple[Table, FloatArray]:
    """Return rows in time order, and the truth: two columns matter, one has gaps."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, 5))
    X[generator.random(n) < 0.2, 2] = np.nan
    z = -1.5 + signal * (X[:, 0] + np.where(X[:, 1] > 0, 1.0, -1.0))
    target = (generator.random(n) < probability_of(z)).astype(np.float64)
    table = Table(
        matrix=X,
        target=target,
        weight=np.ones(n),
        opportunity=np.zeros(n),
        channel=constant_column("web", n),
        channel_name=("web",),
        at_creation=np.ones(n, dtype=np.bool_),
        group=np.arange(n),
        time=np.arange(n, dtype=np.float64),
        features=tuple(Feature(f"a{i}", f"a{i}", "fit", "") for i in range(5)),
    )
    return table, z


def origins(n: int) -> list[Origin]:
    places = [n // 2, n * 2 // 3, n * 5 // 6, n]
    rows = np.arange(n)
    return [
        Origin(float(start), rows[:start], rows[start:stop], 0, 0)
        for start, stop in pairwise(places)
    ]


def run(learner: Learner, table: Table, n: int) -> Procedure:
    return run_procedure(learner, table, np.arange(n), origins(n), CONFIG.calibrating)


def test_the_procedure_comes_near_the_truth() -> None:
    table, z = world()
    found = run(TreeLearner(CONFIG), table, 5000)
    late = table.take(np.arange(5000, 6000))
    truth = row_log_loss(probability_of(z[5000:]), late.target).mean()
    ours = row_log_loss(found.probability(late), late.target).mean()
    base = row_log_loss(np.full(1000, table.target[:5000].mean()), late.target).mean()
    assert (ours - truth) / (base - truth) < 0.15


def test_the_same_rows_give_the_same_model_to_the_letter() -> None:
    table, _ = world(2000)
    one = run(TreeLearner(CONFIG), table, 2000)
    other = run(
        TreeLearner(load_config(None, ["threads=2", "boosting.most_trees=100"])), table, 2000
    )
    assert one.size == other.size
    assert one.calibration == other.calibration
    assert isinstance(one.fitted, GrownTrees)
    assert isinstance(other.fitted, GrownTrees)
    assert one.fitted.text == other.fitted.text


def test_another_seed_gives_another_model() -> None:
    table, _ = world(2000)
    other = load_config(None, ["seed=2", "boosting.most_trees=100"])
    assert TreeLearner(CONFIG).fit(table, 20).text != TreeLearner(other).fit(table, 20).text


def test_the_text_of_a_model_gives_its_margins_to_the_bit() -> None:
    table, _ = world(2000)
    fitted = TreeLearner(CONFIG).fit(table, 40)
    assert (trees_from_text(fitted.text).margin(table.X) == fitted.margin(table)).all()


def test_predictions_out_of_time_are_made_by_models_that_did_not_see_the_rows() -> None:
    table, _ = world(3000)
    found = run(TreeLearner(CONFIG), table, 3000)
    first = origins(3000)[0]
    blind = TreeLearner(CONFIG).fit(table.take(first.train), found.size)
    rows = found.out_of_time.rows
    assert np.array_equal(np.sort(rows), np.arange(1500, 3000))
    here = np.isin(rows, first.judge)
    assert np.allclose(found.out_of_time.margin[here], blind.margin(table.take(first.judge)))


def test_growing_keeps_the_margins_up_to_date() -> None:
    table, _ = world(2000)
    train, judged = table.take(np.arange(1500)), table.take(np.arange(1500, 2000))
    growing = TreeLearner(CONFIG).start(train, judged)
    growing.grow()
    size = 2 * CONFIG.boosting.every
    expected = TreeLearner(CONFIG).fit(train, size).margin(judged)
    assert np.allclose(growing.margin(), expected, atol=1e-9)
    assert np.allclose(growing.margin_at(size), expected, atol=1e-12)


def test_noise_takes_few_trees() -> None:
    table, _ = world(3000, signal=0.0)
    assert run(TreeLearner(CONFIG), table, 3000).size <= 20


def test_without_origins_nothing_is_calibrated() -> None:
    table, _ = world(1000)
    found = run_procedure(TreeLearner(CONFIG), table, np.arange(1000), [], CONFIG.calibrating)
    assert (found.calibration.slope, found.calibration.intercept) == (1.0, 0.0)
    assert found.size == 50
    assert len(found.out_of_time.rows) == 0


@pytest.mark.parametrize("learner", baselines(CONFIG.evaluating, 1), ids=lambda one: one.name)
def test_every_baseline_goes_through_the_same_procedure(learner: Learner) -> None:
    table, _ = world()
    found = run(learner, table, 5000)
    late = table.take(np.arange(5000, 6000))
    figures = all_metrics(Predictions.of(found.probability(late), late.target))
    assert figures["observed_expected"] == pytest.approx(1.0, abs=0.12)


def test_logistic_regression_finds_a_linear_truth() -> None:
    table, z = world()
    fitted = LogisticLearner(CONFIG.evaluating, seed=1).fit(table.take(np.arange(5000)), 0)
    late = table.take(np.arange(5000, 6000))
    assert np.corrcoef(fitted.margin(late), z[5000:])[0, 1] > 0.9


def test_the_base_rate_counts_each_lead_once() -> None:
    table, _ = world(1000)
    first = np.arange(1000) < 100
    table = replace(table, at_creation=first)
    fitted = RateLearner(by_channel=False, prior_rows=50.0).fit(table, 0)
    assert probability_of(fitted.margin(table))[0] == pytest.approx(table.target[:100].mean())


def test_columns_become_comparable_and_gaps_stay_visible() -> None:
    X = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan], [5.0, 4.0, np.nan]])
    columns = Standardised.of(X)
    found = columns.apply(X)
    assert found.shape == (3, 4)
    assert np.allclose(found.mean(axis=0), 0.0)
    assert np.allclose(found[:, 3], np.array([2.0, -1.0, -1.0]) / np.sqrt(2.0))
