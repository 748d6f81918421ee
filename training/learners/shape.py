"""Effects that may only rise or only fall."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.isotonic import isotonic_regression

from features.errors import ConfigError
from features.feature import Feature
from models.score.linear import Curve, LinearPart
from training.config import Shape


def directions(features: Sequence[Feature], shape: Shape) -> list[int]:
    """Return 1 for each feature whose effect may only rise, -1 only fall, else 0.

    Raises
    ------
    ConfigError
        When a name is no feature's, or stands in both lists.
    """
    names = {feature.name for feature in features}
    for key, listed in (("rising", shape.rising), ("falling", shape.falling)):
        for name in listed:
            if name not in names:
                raise ConfigError(f"shape.{key}: {name!r} is not the name of a feature")
    both = set(shape.rising) & set(shape.falling)
    if both:
        raise ConfigError(f"shape: {sorted(both)[0]!r} can be rising or falling, not both")
    return [
        int(feature.name in shape.rising) - int(feature.name in shape.falling)
        for feature in features
    ]


def straightened(linear: LinearPart, signs: Sequence[int]) -> LinearPart:
    """Return a linear part whose curves keep their directions.

    A curve that does not is replaced by the nearest one that does, by isotonic regression of
    its values at the knots.
    """
    if not any(signs):
        return linear
    curves = tuple(_kept(curve, signs[curve.column]) for curve in linear.curves)
    return replace(linear, curves=curves)


def _kept(curve: Curve, sign: int) -> Curve:
    if sign == 0:
        return curve
    values = isotonic_regression(curve.values, increasing=sign > 0)
    return replace(curve, values=np.asarray(values, dtype=np.float64))
