"""The strongest contributions as sentences."""

from collections.abc import Iterator
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


def strongest_of_rows(points: FloatArray, most: int) -> Iterator[list[tuple[int, float]]]:
    """Yield what `strongest` finds in each row, with the points; sorted all at once.

    Parameters
    ----------
    points : array of shape (n_rows, n_abouts)

    Examples
    --------
    >>> list(strongest_of_rows(np.array([[1.0, -3.0, 0.01], [0.0, 0.0, 2.0]]), 2))
    [[(1, -3.0), (0, 1.0)], [(2, 2.0)]]
    """
    order = (-np.abs(points)).argsort(axis=1, kind="stable")[:, :most]
    found = points[np.arange(len(points))[:, None], order]
    for places, values in zip(order.tolist(), found.tolist(), strict=True):
        yield [
            (place, value)
            for place, value in zip(places, values, strict=True)
            if value >= LEAST_POINTS or -value >= LEAST_POINTS
        ]


def reason_lines(
    describer: Describer,
    matrix: FeatureMatrix,
    leads: Leads,
    points: FloatArray,
    *,
    language: str,
    most: int,
) -> list[str]:
    """Return the reasons of many leads, each lead's in one line with their points.

    The same reasons as `top_reasons`, for files: "Demo requested 2 days ago (+12.4); ...".

    Parameters
    ----------
    points : array of shape (n_leads, n_abouts)
        The leads' contributions in points.
    """
    describe = describer.describe
    return [
        "; ".join(
            [f"{describe(matrix, leads, row, i, language).text} ({value:+.1f})" for i, value in top]
        )
        for row, top in enumerate(strongest_of_rows(points, most))
    ]


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
