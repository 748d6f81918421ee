import numpy as np
import pytest

from training.evaluate.bootstrap import draws, interval, mean_interval, metric_intervals
from training.evaluate.metrics import Predictions, all_metrics


def test_rows_of_a_group_are_drawn_together() -> None:
    group = np.array([7, 7, 3, 9, 3])
    for count in draws(group, 50, seed=1):
        assert count[0] == count[1]
        assert count[2] == count[4]
        assert count[0] + count[2] + count[3] == 3


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    value = np.random.default_rng(0).normal(2.0, 1.0, 4000)
    low, high = mean_interval(value, np.arange(4000), n_draws=500, confidence=0.95, seed=1)
    half = 1.96 / np.sqrt(4000)
    assert low == pytest.approx(value.mean() - half, abs=half / 4)
    assert high == pytest.approx(value.mean() + half, abs=half / 4)


def test_rows_that_repeat_one_account_widen_the_interval() -> None:
    value = np.random.default_rng(0).normal(0.0, 1.0, 200)
    repeated = np.repeat(value, 20)
    alone = mean_interval(repeated, np.arange(4000), n_draws=300, confidence=0.95, seed=1)
    together = mean_interval(
        repeated, np.repeat(np.arange(200), 20), n_draws=300, confidence=0.95, seed=1
    )
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])


def test_every_figure_lies_in_its_interval() -> None:
    generator = np.random.default_rng(5)
    probability = generator.random(2000)
    target = (generator.random(2000) < probability).astype(np.float64)
    predictions = Predictions.of(probability, target)
    figures = all_metrics(predictions)
    found = metric_intervals(
        predictions, np.arange(2000), figures, n_draws=100, confidence=0.99, seed=1
    )
    for name, (low, high) in found.items():
        if name != "ece":  # what is drawn again is never better calibrated than what was
            assert low <= figures[name] <= high, name


def test_what_could_not_be_drawn_is_unknown() -> None:
    assert np.isnan(interval(np.array([np.nan, np.nan]), 0.95)).all()
