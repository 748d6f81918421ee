from dataclasses import replace

import numpy as np
import pytest

from features.errors import ConfigError
from tests.training.rows import FEATURES, rows
from training.choice import BLEND, SPLINES, TREES, Choice
from training.config import Shape, TrainingConfig
from training.learners.blend import ChoiceLearner
from training.learners.shape import directions

CHOICES = [Choice(SPLINES, strength=3), Choice(BLEND, 0.5, trees=30), Choice(TREES, 1.0, trees=30)]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_constrained_effect_never_goes_the_other_way(choice: Choice, sign: int) -> None:
    table, _ = rows(3000)  # the truth falls, then rises
    shape = Shape(rising=("size",)) if sign > 0 else Shape(falling=("size",))
    config = TrainingConfig(threads=1, shape=shape)
    fitted = ChoiceLearner(choice, config).fit(table, 0)
    X = np.repeat(table.X[:50], 60, axis=0)
    X[:, 0] = np.tile(np.linspace(-4.0, 4.0, 60), 50)
    far = replace(table.take(np.zeros(len(X), dtype=np.int64)), matrix=X)
    steps = np.diff(fitted.margin(far).reshape(50, 60), axis=1)
    assert (sign * steps >= -1e-9).all()
    assert (np.abs(steps) > 1e-6).any()


def test_without_constraints_the_effect_bends() -> None:
    table, _ = rows(3000)
    fitted = ChoiceLearner(CHOICES[0], TrainingConfig(threads=1)).fit(table, 0)
    X = np.repeat(table.X[:1], 60, axis=0)
    X[:, 0] = np.linspace(-2.0, 2.0, 60)
    steps = np.diff(fitted.margin(replace(table.take(np.zeros(60, dtype=np.int64)), matrix=X)))
    assert steps.min() < -0.01 < 0.01 < steps.max()


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (Shape(rising=("heigth",)), "shape.rising: 'heigth' is not the name of a feature"),
        (Shape(("size",), ("size",)), "'size' can be rising or falling, not both"),
    ],
)
def test_names_that_make_no_sense_are_refused(shape: Shape, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        directions(FEATURES, shape)
