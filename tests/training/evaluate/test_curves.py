from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from training.config import Evaluating
from training.evaluate.curves import by_part, curves, gain, precision, reliability, roc, wilson
from training.evaluate.figures import Judged, by_segment, figures
from training.evaluate.metrics import Predictions, Ties

CONFIG = Evaluating(draws=200)


def ties(probability: list[float], target: list[float]) -> Ties:
    found = Predictions.of(np.array(probability), np.array(target))
    return Ties.of(found, found.weights())


def judged(n: int = 4000) -> Judged:
    generator = np.random.default_rng(1)
    probability = generator.uniform(0.0, 0.5, n)
    return Judged(
        target=(generator.random(n) < probability).astype(np.float64),
        group=np.arange(n),
        at_creation=np.ones(n, dtype=np.bool_),
        channel=["web" if i % 3 else None for i in range(n)],
        probability={"model": probability, "base_rate": np.full(n, 0.25)},
    )


def by_channel(leads: Judged) -> list[dict[str, Any]]:
    return by_part("channel", leads.channel, leads, "model", CONFIG, seed=1)


def at(points: list[list[float]], x: float) -> float:
    return next(y for place, y in points if place == pytest.approx(x))


def test_wilson_is_the_textbook_interval() -> None:
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_best_leads_hold_the_wins() -> None:
    found = gain(ties([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]))
    assert (at(found, 0.0), at(found, 0.5), at(found, 1.0)) == (0.0, 1.0, 1.0)
    assert at(found, 0.26) == pytest.approx(0.52)


def test_equal_probabilities_share_their_wins_whatever_the_order_of_rows() -> None:
    for target in ([1, 1, 0, 0], [0, 0, 1, 1]):
        tied = ties([0.3] * 4, [float(t) for t in target])
        assert gain(tied) == [[x, x] for x, _ in gain(tied)]
        assert roc(tied) == [[x, x] for x, _ in roc(tied)]
        assert {y for _, y in precision(tied)} == {0.5}


def test_precision_counts_the_leads_that_a_share_of_wins_takes() -> None:
    found = precision(ties([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0]))
    assert [at(found, 0.5), at(found, 1.0)] == pytest.approx([1.0, 2 / 3], abs=1e-4)


def test_without_wins_there_is_no_precision() -> None:
    assert precision(ties([0.2, 0.1], [0, 0])) == []


def test_tenths_hold_all_leads_by_rising_probability() -> None:
    one = judged()
    found = reliability(one.probability["model"], one.target)
    assert [row["n"] for row in found] == [400] * 10
    assert sum(row["won"] for row in found) == one.target.sum()
    predicted = [row["predicted"] for row in found]
    assert predicted == sorted(predicted)
    inside = sum(
        low <= row["predicted"] <= high for row in found for low, high in [row["interval"]]
    )
    assert inside >= 8


def test_channels_have_wins_and_expected_wins_with_intervals() -> None:
    found = by_channel(judged())
    assert [row["channel"] for row in found] == ["web", None]
    for row in found:
        low, high = row["observed_expected_interval"]
        assert low < row["observed_expected"] < high
        assert low < 1.0 < high
        assert row["rate_interval"][0] < row["won"] / row["n"] < row["rate_interval"][1]


def test_a_channel_without_wins_may_still_have_some() -> None:
    one = judged()
    lost = replace(one, target=np.where(np.arange(4000) % 3 == 0, 0.0, one.target))
    found = by_channel(lost)[1]
    assert (found["channel"], found["won"], found["observed_expected"]) == (None, 0, 0.0)
    assert found["observed_expected_interval"] == [0.0, pytest.approx(3.0 / found["expected"])]


def test_accounts_drawn_together_widen_the_interval_of_a_channel() -> None:
    one = judged()
    order = np.argsort(one.target, kind="stable")  # leads of an account end alike
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.arange(len(order)) // 40
    alone = by_channel(one)[0]["observed_expected_interval"]
    together = by_channel(replace(one, group=group))[0]
    low, high = together["observed_expected_interval"]
    assert high - low > 2 * (alone[1] - alone[0])


def test_the_same_leads_give_the_same_points() -> None:
    assert curves(judged(), "model", CONFIG, 1) == curves(judged(), "model", CONFIG, 1)


def test_segments_are_counted_as_channels_are() -> None:
    one = judged()
    assert curves(one, "model", CONFIG, seed=1)["segments"] == []
    within = replace(one, segment=one.channel)
    found = curves(within, "model", CONFIG, seed=1)
    named = [
        {("segment" if k == "channel" else k): v for k, v in r.items()} for r in found["channels"]
    ]
    assert found["segments"] == named


def test_large_segments_have_all_figures_with_intervals() -> None:
    one = judged()
    land: list[str | None] = ["DE" if i % 2 else "FR" if i % 50 else None for i in range(4000)]
    within = replace(one, segment=land)
    found = by_segment(within, "model", CONFIG, seed=1, least=100)
    assert [(row["segment"], row["n"]) for row in found] == [("DE", 2000), ("FR", 1920)]
    rows = np.array([name == "FR" for name in land])
    alone = figures(within.take(rows), "model", CONFIG, seed=1)
    assert found[1] == {"segment": "FR", **alone}
    low, high = found[1]["intervals"]["log_loss"]
    assert low < found[1]["log_loss"] < high


def test_without_segments_there_are_no_figures_of_any() -> None:
    assert by_segment(judged(), "model", CONFIG, seed=1, least=1) == []
