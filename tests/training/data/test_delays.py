import numpy as np
import pytest

from training.data.delays import day_of_share, propose_horizon


def test_without_truncation_it_is_the_plain_quantile() -> None:
    delay = np.arange(1.0, 11.0)
    assert day_of_share(delay, np.full(10, 100.0)) == 8.0


def test_a_hand_calculation_with_one_truncated_lead() -> None:
    # At risk at 3: the delays up to 3 that could be observed so long, that is 1 and 3 of the
    # old leads, so the distribution before 3 is 1/2; the young lead tells of 1 and 2 only.
    delay = np.array([1.0, 3.0, 1.0])
    observable = np.array([10.0, 10.0, 2.0])
    assert day_of_share(delay, observable, 0.5) == 1.0
    assert day_of_share(delay, observable, 0.51) == 3.0


def test_truncated_delays_come_out_as_the_true_ones() -> None:
    rng = np.random.default_rng(1)
    delay = rng.exponential(40.0, 20_000)
    observable = rng.uniform(0.0, 400.0, 20_000)
    seen = delay <= observable
    corrected = day_of_share(delay[seen], observable[seen])
    naive = np.quantile(delay[seen], 0.8)
    truth = 40.0 * np.log(5.0)
    assert corrected == pytest.approx(truth, rel=0.04)
    assert naive < 0.92 * truth


def test_the_horizon_is_at_most_a_quarter_of_the_span() -> None:
    delay = np.array([100.0, 120.0])
    assert propose_horizon(delay, np.array([300.0, 300.0]), 365.0) == 91
    assert propose_horizon(delay, np.array([300.0, 300.0]), 3650.0) == 120


def test_without_wins_the_horizon_is_the_default() -> None:
    nothing = np.zeros(0)
    assert propose_horizon(nothing, nothing, 1000.0) == 90
    assert propose_horizon(nothing, nothing, 100.0) == 25
