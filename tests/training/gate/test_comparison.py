from dataclasses import replace

import numpy as np
import pytest

from tests.training.gate.judged import CONFIG, bent, make_twins, true_rates
from training.gate.comparison import (
    chance_if_not_worse,
    log_loss,
    parts,
    verdict,
)

BESIDE = "champion"


def test_a_better_challenger_passes_and_is_called_better() -> None:
    truth = true_rates(3000)
    check = log_loss(make_twins(truth, bent(truth, 0.5), truth), BESIDE, CONFIG)
    assert check.result == "passed"
    assert check.figures["verdict"] == "better"
    assert check.figures["interval"][1] < 0.0
    assert check.sentence.startswith("-0.0")
    assert "to the champion's: better; expected an upper bound of at most 0.002" in check.sentence


def test_a_worse_challenger_fails() -> None:
    truth = true_rates(3000)
    check = log_loss(make_twins(bent(truth, 1.0, 1.0), truth, truth), BESIDE, CONFIG)
    assert (check.result, check.figures["verdict"]) == ("failed", "worse")
    assert check.figures["interval"][0] > CONFIG.gate.log_loss_margin


def test_a_challenger_that_says_the_same_is_equal() -> None:
    truth = true_rates(3000)
    check = log_loss(make_twins(truth, truth, truth), BESIDE, CONFIG)
    assert (check.result, check.figures["verdict"]) == ("passed", "equal")


def test_a_wide_interval_is_no_pass() -> None:
    truth = true_rates(400)
    noise = np.random.default_rng(3).normal(0.0, 0.3, (2, 400))
    own, beside = (bent(truth, 1.0, part) for part in noise)
    check = log_loss(make_twins(own, beside, truth), BESIDE, CONFIG)
    low, high = check.figures["interval"]
    assert low < CONFIG.gate.log_loss_margin < high
    assert (check.result, check.figures["verdict"]) == ("cannot tell", "cannot tell")


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((-0.03, -0.001), "better"),
        ((-0.001, 0.001), "equal"),
        ((-0.03, 0.001), "not worse"),
        ((-0.03, 0.003), "cannot tell"),
        ((0.001, 0.003), "cannot tell"),
        ((0.003, 0.004), "worse"),
    ],
)
def test_an_interval_is_said_in_a_word(interval: tuple[float, float], word: str) -> None:
    assert verdict(*interval, 0.002) == word


def test_a_channel_that_gets_worse_is_named_although_all_leads_together_gain() -> None:
    truth = true_rates(6000)
    fair = np.arange(6000) % 3 == 1
    own = np.where(fair, bent(truth, 1.0, 0.8), truth)
    twins = make_twins(own, bent(truth, 0.3), truth)
    twins_fair = make_twins(own, np.where(fair, truth, bent(truth, 0.3)), truth)
    assert parts(twins, BESIDE, CONFIG)[0].result == "passed"
    assert log_loss(twins_fair, BESIDE, CONFIG).result == "passed"
    (check,) = parts(twins_fair, BESIDE, CONFIG)
    assert check.result == "failed"
    assert [one["channel"] for one in check.figures["channels"] if one["worse"]] == ["Fair"]
    assert "worse in Fair (+0." in check.sentence
    assert "on 2000 leads" in check.sentence


def test_one_of_many_channels_is_not_worse_by_chance() -> None:
    n = 20 * 150
    truth = true_rates(n)
    names = tuple(f"c{i}" for i in range(20))
    refused = unadjusted = 0
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(0.0, 0.3, (2, n))
        own, beside = (bent(truth, 1.0, part) for part in noise)
        twins = make_twins(own, beside, truth, channels=names, seed=seed)
        (check,) = parts(twins, BESIDE, CONFIG)
        refused += check.result == "failed"
        unadjusted += any(one["p"] < 0.05 for one in check.figures["channels"])
    assert refused <= 6
    assert unadjusted >= 15


def test_small_channels_are_counted_and_never_pass_by_silence() -> None:
    truth = true_rates(300)
    few = make_twins(truth, truth, truth, channels=tuple(f"c{i}" for i in range(10)))
    (check,) = parts(few, BESIDE, CONFIG)
    assert check.result == "cannot tell"
    assert check.figures["leads_in_small_channels"] == 300
    assert check.sentence == "no channel has 100 leads"


def test_a_segment_that_gets_worse_is_named_although_no_channel_does() -> None:
    truth = true_rates(6000)
    small = np.arange(6000) % 10 == 0
    own = np.where(small, bent(truth, 1.0, 1.2), truth)
    twins = make_twins(own, np.where(small, truth, bent(truth, 0.5)), truth)
    segment: list[str | None] = ["FR" if one else "DE" for one in small.tolist()]
    twins = replace(twins, judged=replace(twins.judged, segment=segment))
    channels, segments = parts(twins, BESIDE, CONFIG)
    assert (channels.result, segments.result) == ("passed", "failed")
    assert [one["segment"] for one in segments.figures["segments"] if one["worse"]] == ["FR"]
    assert "worse in FR (+0." in segments.sentence


def test_chances_are_adjusted_over_channels_and_segments_together() -> None:
    truth = true_rates(3000)
    twins = make_twins(bent(truth, 1.0, 0.1), truth, truth)
    (alone,) = parts(twins, BESIDE, CONFIG)
    halves: list[str | None] = ["DE" if row % 2 else None for row in range(3000)]
    both = parts(replace(twins, judged=replace(twins.judged, segment=halves)), BESIDE, CONFIG)
    tested = [*both[0].figures["channels"], *both[1].figures["segments"]]
    least = min(tested, key=lambda one: one["p"])
    assert least["adjusted_p"] == pytest.approx(min(1.0, 5 * least["p"]))
    assert [one["p"] for one in tested[:3]] == [one["p"] for one in alone.figures["channels"]]
    assert tested[-1]["segment"] == "rare or not known"


def test_leads_without_channel_are_compared_together() -> None:
    truth = true_rates(300)
    (check,) = parts(make_twins(truth, truth, truth, channels=(None,)), BESIDE, CONFIG)
    assert check.result == "passed"
    assert [one["channel"] for one in check.figures["channels"]] == ["without channel"]


def test_the_chance_is_that_of_the_normal_distribution() -> None:
    value = np.array([0.5, 1.5, -0.5, 2.5])
    # mean 1, sample deviation 1.2910, error 0.6455, z 1.5492
    assert chance_if_not_worse(value, np.arange(4)) == pytest.approx(0.0607, abs=1e-4)


def test_leads_of_one_account_count_as_one() -> None:
    value = np.array([0.5, 1.5, -0.5, 2.5])
    repeated = np.repeat(value, 50)
    together = chance_if_not_worse(repeated, np.repeat(np.arange(4), 50))
    assert together == pytest.approx(chance_if_not_worse(value, np.arange(4)))
    assert chance_if_not_worse(repeated, np.arange(200)) < 1e-6


def test_one_account_alone_tells_nothing() -> None:
    assert chance_if_not_worse(np.ones(5), np.zeros(5, dtype=np.int64)) == 1.0
    assert chance_if_not_worse(np.ones(5), np.arange(5)) == 0.0
    assert chance_if_not_worse(np.zeros(5), np.arange(5)) == 1.0


def test_what_is_worse_by_the_margin_seldom_passes() -> None:
    truth = true_rates(2000)
    own = bent(truth, 1.0, np.random.default_rng(7).normal(0.0, 0.165, 2000))
    # the mean Kullback-Leibler divergence is the loss that is to be expected
    worse = (truth * np.log(truth / own) + (1 - truth) * np.log((1 - truth) / (1 - own))).mean()
    assert worse == pytest.approx(CONFIG.gate.log_loss_margin, rel=0.05)
    passed = sum(
        log_loss(make_twins(own, truth, truth, seed=seed), BESIDE, CONFIG).result == "passed"
        for seed in range(100)
    )
    assert passed <= 7
