from itertools import count

from models.explain.speed import measure_contributions
from tests.models.boosted import boosted


def test_speed_is_in_microseconds_per_row() -> None:
    model = boosted(0, n_trees=3)
    ticks = count()
    speed = measure_contributions(
        model.text, model.X[:50], rounds=60, clock=lambda: float(next(ticks))
    )
    assert speed == (1e6, 1e6, 2e4, 2e4, 2e4)


def test_by_the_real_clock_everything_takes_time() -> None:
    model = boosted(0, n_trees=3)
    assert min(measure_contributions(model.text, model.X[:50], rounds=5)) > 0
