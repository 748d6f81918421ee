import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from features.arrays import FloatArray
from training.evaluate.metrics import (
    Predictions,
    all_metrics,
    calibration_line,
    ece_if_calibrated,
    log_odds,
)

PROBABILITY = np.array([0.9, 0.8, 0.8, 0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
TARGET = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def drawn(n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    generator = np.random.default_rng(seed)
    probability = np.round(generator.random(n) * 0.6 + 0.01, 2)
    return probability, (generator.random(n) < probability).astype(np.float64)


def test_figures_equal_a_calculation_by_hand() -> None:
    found = all_metrics(Predictions.of(PROBABILITY, TARGET))
    assert found["n"] == 10
    assert found["base_rate"] == pytest.approx(0.3)
    # pairs won/lost: 0.9 beats 7; 0.8 beats 6 and ties with 1; 0.2 beats 5
    assert found["roc_auc"] == pytest.approx((7 + 6.5 + 5) / 21)
    # precision 1 at 0.9, 2/3 at the tie of 0.8, 3/5 at 0.2
    assert found["pr_auc"] == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    # the best tenth is one lead, won
    assert found["lift_at_10"] == pytest.approx(1 / 0.3)
    # ten bins of one lead each
    assert found["ece"] == pytest.approx(np.abs(PROBABILITY - TARGET).mean())
    assert found["observed_expected"] == pytest.approx(3 / PROBABILITY.sum())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_figures_equal_those_of_scikit_learn(seed: int) -> None:
    probability, target = drawn(997, seed)
    found = all_metrics(Predictions.of(probability, target))
    assert found["roc_auc"] == pytest.approx(roc_auc_score(target, probability))
    assert found["pr_auc"] == pytest.approx(average_precision_score(target, probability))
    assert found["log_loss"] == pytest.approx(sklearn_log_loss(target, probability))
    assert found["brier"] == pytest.approx(brier_score_loss(target, probability))
    line = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    line.fit(log_odds(probability)[:, None], target)
    assert found["calibration_slope"] == pytest.approx(line.coef_[0, 0], rel=1e-4)
    assert found["calibration_intercept"] == pytest.approx(line.intercept_[0], abs=1e-4)


@given(st.integers(0, 10_000), st.integers(5, 60))
def test_a_row_that_counts_twice_is_two_rows(seed: int, n: int) -> None:
    probability, target = drawn(n, seed)
    target[:2] = [0.0, 1.0]
    count = np.random.default_rng(seed + 1).integers(1, 4, n)
    counted = all_metrics(Predictions.of(probability, target), count.astype(np.float64))
    rows = np.repeat(np.arange(n), count)
    repeated = all_metrics(Predictions.of(probability[rows], target[rows]))
    for name in ("n", "roc_auc", "pr_auc", "log_loss", "brier", "lift_at_10"):
        assert counted[name] == pytest.approx(repeated[name]), name


@given(st.integers(0, 10_000))
def test_ranking_figures_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    probability, target = drawn(40, seed)
    target[:2] = [0.0, 1.0]
    order = np.random.default_rng(seed).permutation(40)
    one = all_metrics(Predictions.of(probability, target))
    other = all_metrics(Predictions.of(probability[order], target[order]))
    for name in ("roc_auc", "pr_auc", "log_loss", "lift_at_10", "observed_expected"):
        assert one[name] == pytest.approx(other[name]), name


def test_one_class_gives_no_ranking_figures() -> None:
    found = all_metrics(Predictions.of(np.array([0.1, 0.2]), np.zeros(2)))
    assert np.isnan(found["roc_auc"])
    assert np.isnan(found["pr_auc"])
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.8]).mean())


def test_a_line_through_log_odds_finds_the_distortion() -> None:
    probability, target = drawn(200_000, 3)
    z = log_odds(probability)
    slope, intercept = calibration_line(2.0 * z + 1.0, target, np.ones(len(z)))
    assert slope == pytest.approx(0.5, abs=0.02)
    assert intercept == pytest.approx(-0.5, abs=0.03)


def test_calibrated_predictions_of_few_leads_show_an_ece_all_the_same() -> None:
    probability, _ = drawn(200, 1)
    few = ece_if_calibrated(probability, seed=1)
    many = ece_if_calibrated(np.tile(probability, 50), seed=1)
    assert 0.03 < few < 0.2
    assert many < few / 4
