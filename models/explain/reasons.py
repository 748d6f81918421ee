"""The strongest contributions as sentences."""

from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray
from features.attributes.spec import Family
from features.feature import FeatureMatrix
from features.leads import Leads
from features.sentences import Describer

LEAST_POINTS = 0.05


class Reason(NamedTuple):
    """One fact, and the points that it gives or takes."""

    about: str
    family: Family
    value: float | str | bool | None
    points: float
    text: str


def strongest(points: FloatArray, most: int) -> list[int]:
    """Return the positions of the contributions with most effect either way.

    Ties keep their order; what moves the score by under 0.05 points is no reason.

    Examples
    --------
    >>> strongest(np.array([1.0, -3.0, 0.01]), 2)
    [1, 0]
    """
    effect = -np.abs(points)
    order = effect.argsort(kind="stable")[:most]
    found = zip(order.tolist(), effect[order].tolist(), strict=True)
    return [i for i, negative in found if -negative >= LEAST_POINTS]


def top_reasons(
    describer: Describer,
    matrix: FeatureMatrix,
    leads: Leads,
    row: int,
    points: FloatArray,
    *,
    language: str,
    most: int,
) -> tuple[Reason, ...]:
    """Return the reasons of one lead, the strongest first.

    Parameters
    ----------
    points : array of shape (n_abouts,)
        The lead's contributions in points.
    """
    reasons = []
    for i in strongest(points, most):
        about = describer.space.abouts[i]
        value, text = describer.describe(matrix, leads, row, i, language)
        reasons.append(Reason(about.name, about.family, value, float(points[i]), text))
    return tuple(reasons)
