import numpy as np
import pytest

from features.arrays import FloatArray
from features.moment import DAY
from training.data.delays import DelayCurve, Delays, naive_day_of, propose_horizon, unseen

FAR = 10_000.0


def seen(delay: FloatArray, longest: FloatArray | float = FAR) -> Delays:
    return Delays(delay, np.zeros(len(delay)), np.broadcast_to(longest, delay.shape))


def windowed(delay: FloatArray, created: FloatArray, begin: float, end: float) -> Delays:
    """Return the delays of the wins on days in [begin, end]."""
    inside = (created + delay >= begin) & (created + delay <= end)
    shortest = np.maximum(begin - created, 0.0)
    return Delays(delay[inside], shortest[inside], (end - created)[inside])


def test_with_nothing_cut_off_it_is_the_plain_quantile() -> None:
    delay = np.arange(1.0, 11.0)
    assert DelayCurve.fit(seen(delay)).day_of(0.8) == 8.0
    assert DelayCurve.fit(seen(delay)).share == pytest.approx(np.arange(0.1, 1.05, 0.1))


def test_a_hand_calculation_with_one_young_lead() -> None:
    # At risk at 3: the delays up to 3 that could be observed so long, that is 1 and 3 of the
    # old leads, so the distribution before 3 is 1/2; the young lead tells of 1 and 2 only.
    curve = DelayCurve.fit(seen(np.array([1.0, 3.0, 1.0]), np.array([10.0, 10.0, 2.0])))
    assert curve.day_of(0.5) == 1.0
    assert curve.day_of(0.51) == 3.0


def test_a_hand_calculation_with_a_late_start() -> None:
    # Mirror image of the one above: the lead that could be seen from day 2 on tells only of
    # 3, so day 1 has half the weight, and day 3 the half that the other two leads give it.
    delays = Delays(np.array([1.0, 3.0, 3.0]), np.array([0.0, 0.0, 2.0]), np.full(3, FAR))
    curve = DelayCurve.fit(delays)
    assert curve.days.tolist() == [1.0, 3.0]
    assert curve.share == pytest.approx([0.5, 1.0], abs=1e-6)


def test_recording_begins_with_the_first_win_and_ends_with_the_data() -> None:
    found = Delays.of(np.array([0, 5, 20]) * DAY, np.array([30, 12, 21]) * DAY, 40 * DAY)
    assert found.delay.tolist() == [30.0, 7.0, 1.0]
    assert found.shortest.tolist() == [12.0, 7.0, 0.0]
    assert found.longest.tolist() == [40.0, 35.0, 20.0]


def test_wins_still_to_come_do_not_shorten_the_delays() -> None:
    rng = np.random.default_rng(1)
    delay, created = rng.exponential(40.0, 20_000), rng.uniform(0.0, 400.0, 20_000)
    found = windowed(delay, created, 0.0, 400.0)
    truth = 40.0 * np.log(5.0)
    assert DelayCurve.fit(found).day_of(0.8) == pytest.approx(truth, rel=0.05)
    assert naive_day_of(found, 0.8) < 0.92 * truth


def test_wins_before_recording_do_not_lengthen_the_delays() -> None:
    rng = np.random.default_rng(2)
    delay, created = rng.exponential(40.0, 20_000), rng.uniform(-200.0, 100.0, 20_000)
    found = windowed(delay, created, 0.0, 600.0)
    truth = 40.0 * np.log(5.0)
    assert DelayCurve.fit(found).day_of(0.8) == pytest.approx(truth, rel=0.05)
    assert naive_day_of(found, 0.8) > 1.08 * truth
    late_start_unknown = seen(found.delay, found.longest)
    assert DelayCurve.fit(late_start_unknown).day_of(0.8) > 1.08 * truth


def test_wins_that_are_not_in_the_data_are_estimated() -> None:
    rng = np.random.default_rng(3)
    delay, created = rng.exponential(40.0, 40_000), rng.uniform(-100.0, 300.0, 40_000)
    found = windowed(delay, created, 0.0, 320.0)
    told = unseen(found, DelayCurve.fit(found))
    assert told["wins_before_recording"] == pytest.approx((created + delay < 0).sum(), rel=0.05)
    assert told["wins_still_to_come"] == pytest.approx((created + delay > 320).sum(), rel=0.05)


def test_the_horizon_is_the_day_of_80_percent_of_wins() -> None:
    days, why = propose_horizon(seen(np.arange(1.0, 11.0)), 3650.0)
    assert days == 8
    assert why.startswith("80 % of wins come within 8 days, estimated from 10 wins")


def test_the_horizon_is_at_most_a_quarter_of_the_span() -> None:
    days, why = propose_horizon(seen(np.array([100.0, 120.0])), 365.0)
    assert days == 91
    assert why.startswith("a quarter of the data's 365 days; 80 % of wins come within 120 days")


def test_a_win_within_the_day_gives_a_horizon_of_one_day() -> None:
    assert propose_horizon(seen(np.zeros(3)), 3650.0)[0] == 1


def test_without_wins_the_horizon_is_the_default() -> None:
    nothing = seen(np.zeros(0))
    assert propose_horizon(nothing, 1000.0) == (90, "the default")
    assert propose_horizon(nothing, 100.0) == (25, "a quarter of the data's 100 days")
