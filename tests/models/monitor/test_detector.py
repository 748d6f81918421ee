import numpy as np

from models.monitor.compared import compare
from models.monitor.detector import bernoulli_ratio, follow


def test_a_sequential_test_keeps_to_its_risk_however_often_it_is_looked_at() -> None:
    rng = np.random.default_rng(0)
    n, streams, risk = 400, 400, 0.1
    events = (rng.random((n, streams)) < 0.1).astype(np.float64)
    ratios = bernoulli_ratio(events, np.array(0.1), np.array(0.3))[:, :, None, None]
    alarmed = np.zeros(streams, dtype=np.bool_)
    for until in range(20, n + 1, 20):
        alarmed |= follow(ratios[:until], n / 5 / risk, every=5).since >= 0
    assert alarmed.mean() <= risk


def test_the_start_of_an_alarm_is_told() -> None:
    events = np.concatenate([np.zeros(50), np.ones(20)])
    ratios = bernoulli_ratio(events, np.array(0.1), np.array(0.9))[:, None, None, None]
    assert 50 < follow(ratios, 1000.0).since[0] < 56


def test_an_alarm_ends_when_things_are_as_they_were() -> None:
    events = np.concatenate([np.ones(10), np.zeros(50)])
    ratios = bernoulli_ratio(events, np.array(0.1), np.array(0.9))[:, None, None, None]
    assert follow(ratios[:10], 1000.0).since[0] >= 0
    assert follow(ratios, 1000.0).since[0] == -1


def test_p_values_of_equal_samples_are_not_small_too_often() -> None:
    rng = np.random.default_rng(1)
    shares = np.array([0.9, 0.06, 0.03, 0.009, 0.001])
    found = []
    for seed in range(300):
        old, new = rng.multinomial(2000, shares), rng.multinomial(1000, shares)
        found.append(compare(old, new, 0.01, seed).p_value)
    assert np.mean(np.array(found) <= 0.05) <= 0.09


def test_samples_that_are_apart_have_a_small_p_value() -> None:
    apart = compare(np.array([500, 500]), np.array([350, 150]), 0.0001, 0)
    assert apart.p_value <= 0.0001
    assert np.isclose(apart.distance, 0.2)
