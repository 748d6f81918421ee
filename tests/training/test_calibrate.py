import numpy as np
import pytest

from features.arrays import FloatArray, IntArray
from models.score.points import probability_of
from training.calibrate import Seen, fit_calibration
from training.config import Calibrating

NO_PRIOR = Calibrating(slope_sd=100.0, intercept_sd=100.0)


def margins(n: int, seed: int, level: float = -2.0) -> tuple[FloatArray, FloatArray]:
    generator = np.random.default_rng(seed)
    z = generator.normal(level, 1.0, n)
    return z, (generator.random(n) < probability_of(z)).astype(np.float64)


def seen(target: FloatArray, origin: IntArray | None = None) -> Seen:
    n = len(target)
    return Seen(target, np.ones(n), np.zeros(n, dtype=np.int64) if origin is None else origin)


def test_a_distortion_is_undone() -> None:
    z, target = margins(100_000, 1)
    found = fit_calibration(2.0 * z + 1.0, seen(target), NO_PRIOR)
    assert found.slope == pytest.approx(0.5, abs=0.02)
    assert found.intercept == pytest.approx(-0.5, abs=0.04)


def test_few_rows_move_it_little() -> None:
    z, target = margins(100, 1)
    few = fit_calibration(3.0 * z, seen(target), Calibrating(0.1, 0.1))
    many = fit_calibration(np.tile(3.0 * z, 100), seen(np.tile(target, 100)), Calibrating(0.1, 0.1))
    assert abs(few.slope - 1.0) < abs(many.slope - 1.0)
    assert few.slope > 0.6


def test_after_calibration_wins_are_as_many_as_expected() -> None:
    z, target = margins(20_000, 2)
    found = fit_calibration(0.7 * z - 0.3, seen(target), NO_PRIOR)
    expected = probability_of(found.slope * (0.7 * z - 0.3) + found.intercept).sum()
    assert expected == pytest.approx(target.sum(), rel=1e-4)


def test_a_level_that_moves_between_origins_is_no_weakness_of_the_ranking() -> None:
    z, target = margins(60_000, 3)
    origin = np.repeat([0, 1, 2], 20_000)
    moved = z + np.array([2.0, 0.0, -2.0])[origin]
    pooled = fit_calibration(moved, seen(target), NO_PRIOR)
    within = fit_calibration(moved, seen(target, origin), NO_PRIOR)
    assert pooled.slope < 0.5
    assert within.slope == pytest.approx(1.0, abs=0.05)


def test_a_ranking_upside_down_has_a_negative_slope() -> None:
    z, target = margins(20_000, 4)
    assert fit_calibration(-z, seen(target), NO_PRIOR).slope < 0


def test_weights_count_like_repeated_rows() -> None:
    z, target = margins(500, 5)
    twice = fit_calibration(np.tile(z, 2), seen(np.tile(target, 2)), Calibrating())
    heavy = fit_calibration(z, seen(target)._replace(weight=np.full(500, 2.0)), Calibrating())
    assert twice.slope == pytest.approx(heavy.slope, abs=1e-9)
    assert twice.intercept == pytest.approx(heavy.intercept, abs=1e-9)


def test_margins_that_are_all_equal_leave_the_slope_alone() -> None:
    _, target = margins(1000, 6)
    found = fit_calibration(np.full(1000, -3.0), seen(target), NO_PRIOR)
    assert found.slope == pytest.approx(1.0)
    level = np.log(target.mean() / (1 - target.mean()))
    assert found.intercept - 3.0 == pytest.approx(level, abs=1e-3)
