from dataclasses import replace

import numpy as np
import pytest

from tests.training.gate.judged import CONFIG, bent, make_twins, true_rates
from training.gate import absolute
from training.gate.calibration import calibration
from training.gate.cost import Cost

GATE = CONFIG.gate


@pytest.mark.parametrize(
    ("n", "rate", "result"),
    [(199, 0.5, "cannot tell"), (200, 0.5, "passed"), (400, 0.05, "cannot tell")],
)
def test_too_few_leads_or_wins_cannot_be_told(n: int, rate: float, result: str) -> None:
    truth = np.full(n, rate)
    check = absolute.enough_leads(make_twins(truth, None, truth), GATE)
    assert check.result == result
    assert check.sentence.startswith(f"{n} later leads, {check.figures['won']} of them won")


def test_too_few_losses_cannot_be_told_either() -> None:
    truth = np.full(1000, 0.99)
    check = absolute.enough_leads(make_twins(truth, None, truth), GATE)
    assert check.figures["lost"] < GATE.least_outcomes
    assert check.result == "cannot tell"


def test_a_model_that_ranks_has_signal() -> None:
    truth = true_rates(1000)
    check = absolute.signal(make_twins(truth, None, truth), CONFIG)
    assert check.result == "passed"
    low, high = check.figures["interval"]
    assert 0.5 < low < check.figures["roc_auc"] < high


def test_a_model_that_ranks_by_chance_has_none() -> None:
    truth = true_rates(1000)
    check = absolute.signal(make_twins(true_rates(1000, seed=9), None, truth), CONFIG)
    assert check.result == "failed"
    assert check.figures["interval"][0] <= 0.5


def test_what_training_found_without_signal_has_none() -> None:
    truth = true_rates(1000)
    check = absolute.signal(make_twins(truth, None, truth, no_signal=("upside down",)), CONFIG)
    assert check.result == "failed"
    assert check.sentence == "rates answer: upside down"


def test_an_audit_must_have_been_made_and_have_stopped_nothing() -> None:
    truth = true_rates(300)
    twins = make_twins(truth, None, truth)
    assert absolute.audit(twins).result == "passed"
    assert absolute.audit(replace(twins, audit=None)).result == "cannot tell"
    leaky = absolute.audit(replace(twins, audit={"stopped": ["status"], "warned": []}))
    assert leaky.result == "failed"
    assert "1 by hard evidence (expected 0)" in leaky.sentence


def test_latency_and_size_have_limits() -> None:
    assert absolute.latency(Cost(1.0, 50.0), GATE).result == "passed"
    assert absolute.size(Cost(1.0, 50.0), GATE).result == "passed"
    slow, large = absolute.latency(Cost(1.01, 1.0), GATE), absolute.size(Cost(0.1, 50.1), GATE)
    assert (slow.result, large.result) == ("failed", "failed")
    assert slow.sentence == "1.010 ms for one lead alone (median), expected at most 1 ms"
    assert large.sentence == "50.1 MB, expected at most 50 MB"


def test_one_probability_for_all_has_the_slope_of_a_calibrated_one() -> None:
    truth = true_rates(500)
    one = np.full(500, 0.3)
    slope = calibration(make_twins(one, one, truth), CONFIG)[0]
    assert (slope.result, slope.figures["value"]) == ("passed", 1.0)


def test_calibration_in_bounds_passes() -> None:
    truth = true_rates(4000)
    slope, ratio = calibration(make_twins(truth, truth, truth), CONFIG)
    assert (slope.result, ratio.result) == ("passed", "passed")
    assert slope.figures["value"] == pytest.approx(1.0, abs=0.1)
    assert ratio.figures["value"] == pytest.approx(1.0, abs=0.1)


def test_calibration_surely_out_of_bounds_fails() -> None:
    truth = true_rates(4000)
    slope, ratio = calibration(make_twins(bent(truth, 2.0, 2.0), truth, truth), CONFIG)
    assert (slope.result, ratio.result) == ("failed", "failed")
    assert slope.figures["value"] == pytest.approx(0.5, abs=0.05)
    assert ratio.figures["value"] < 0.8
    assert "expected 0.8 to 1.25; the champion's is 0.99" in slope.sentence


def test_calibration_out_of_bounds_passes_where_the_champions_is_no_better() -> None:
    truth = true_rates(4000)
    off = bent(truth, 2.0, 2.0)
    slope, ratio = calibration(make_twins(off, off, truth), CONFIG)
    assert (slope.result, ratio.result) == ("passed", "passed")
    assert "not worse than the champion's, 0.49" in slope.sentence


def test_without_a_champion_calibration_is_held_against_rates() -> None:
    truth = true_rates(4000)
    twins = make_twins(bent(truth, 1.0, -1.0), None, truth)
    rates = twins.judged.probability["channel_rate"]
    assert calibration(twins, CONFIG)[1].result == "failed"
    judged = replace(
        twins.judged, probability={**twins.judged.probability, "channel_rate": rates / 5}
    )
    found = calibration(replace(twins, judged=judged), CONFIG)[1]
    assert found.result == "passed"
    assert "not worse than that of the rates" in found.sentence


def test_calibration_that_may_be_in_bounds_cannot_be_told() -> None:
    truth = true_rates(260, seed=4)
    ratio = calibration(make_twins(bent(truth, 1.0, -0.35), truth, truth), CONFIG)[1]
    low, high = ratio.figures["interval"]
    assert low < GATE.most_observed_expected < ratio.figures["value"] < high
    assert ratio.result == "cannot tell"
