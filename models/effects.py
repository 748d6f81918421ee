"""What values of an attribute add to the score, over the reference leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.feature import Feature
from features.space import FeatureSpace
from models.scorer import Scorer
from models.words import words

MOST_LEADS = 10_000
MOST_VALUES = 8
BINS = 5
LEAST_LEADS = 10
"""A value of fewer reference leads is not shown."""


@dataclass(frozen=True, slots=True)
class Value:
    """Leads with alike values.

    Parameters
    ----------
    name : str
        The values.
    leads : int
    rate : float
        Share of them that was won.
    points : float
        What it adds to their score, on average.
    """

    name: str
    leads: int
    rate: float
    points: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What an attribute, a kind of activity or a fact of the lead does.

    Parameters
    ----------
    about : str
    shown : str
        Which of its features tells the values apart.
    mean_points : float
        Mean absolute contribution.
    values : tuple of Value
    """

    about: str
    shown: str
    mean_points: float
    values: tuple[Value, ...]


def effects(scorer: Scorer, most: int, language: str = "en") -> list[Effect]:
    """Return the effects of what matters most, the strongest first; none without a model.

    Parameters
    ----------
    scorer : Scorer
    most : int
        How many of them.
    language : str
        Of the names of values, "en" or "zh".
    """
    reference = scorer.bundle.reference.first()
    if scorer.explainer is None or reference.n_rows == 0:
        return []
    every = max(1, -(-reference.n_rows // MOST_LEADS))
    reference = reference.take(np.arange(0, reference.n_rows, every))
    X = reference.features(scorer.space)
    points = scorer.contributions(X, reference.leads)
    strength = np.abs(points).mean(axis=0)
    said = words(language)["effects"]
    found = []
    for about in np.argsort(-strength, kind="stable")[:most].tolist():
        if strength[about] > 0.0:
            seen = Seen(X, reference.won, points[:, about], said)
            shown, values = _values(scorer.space, about, seen)
            name = scorer.space.abouts[about].name
            found.append(Effect(name, shown, float(strength[about]), tuple(values)))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """Reference leads.

    Parameters
    ----------
    X : array of shape (n_leads, n_features)
    won : array of shape (n_leads,)
    points : array of shape (n_leads,)
        Contribution of what is looked at.
    said : mapping
        Words for values.
    """

    X: FloatArray
    won: BoolArray
    points: FloatArray
    said: Mapping[str, Any]

    def value(self, name: str, rows: BoolArray) -> Iterator[Value]:
        """Yield what some of the leads have in common, where they are enough."""
        n = int(rows.sum())
        if n >= LEAST_LEADS:
            points = round(float(self.points[rows].mean()), 6)
            yield Value(name, n, float(self.won[rows].mean()), points + 0.0)


def _values(space: FeatureSpace, about: int, seen: Seen) -> tuple[str, list[Value]]:
    columns = np.flatnonzero(space.about_of == about).tolist()
    features = {column: space.features[column] for column in columns}
    code = next((c for c, feature in features.items() if feature.unit == "code"), None)
    if code is not None:
        return seen.said["value"], list(_words(space, features[code], seen, seen.X[:, code]))
    flags = [c for c, feature in features.items() if feature.unit == "flag"]
    if len(flags) > 1:
        return seen.said["trait"], list(_flags(features, flags, seen))
    column = max(columns, key=lambda c: _told_apart(seen.X[:, c], seen.points))
    return _what(features[column], seen.said), list(
        _bins(features[column], seen, seen.X[:, column])
    )


def _words(space: FeatureSpace, feature: Feature, seen: Seen, codes: FloatArray) -> Iterator[Value]:
    vocabulary = getattr(space.encoder(feature.about), "vocabulary")  # noqa: B009
    known = vocabulary.words[:MOST_VALUES]
    for code, word in enumerate(known):
        yield from seen.value(vocabulary.spelling(word), codes == code)
    yield from seen.value(seen.said["others"], codes >= len(known))
    yield from seen.value(seen.said["missing"], np.isnan(codes))


def _flags(features: dict[int, Feature], flags: list[int], seen: Seen) -> Iterator[Value]:
    often = sorted(flags, key=lambda c: -int((seen.X[:, c] == 1.0).sum()))
    for column in often[:MOST_VALUES]:
        yield from seen.value(_what(features[column], seen.said), seen.X[:, column] == 1.0)
    none = np.asarray((seen.X[:, flags] == 0.0).all(axis=1))
    yield from seen.value(seen.said["none"], none)
    yield from seen.value(seen.said["missing"], np.isnan(seen.X[:, flags[0]]))


def _bins(feature: Feature, seen: Seen, x: FloatArray) -> Iterator[Value]:
    known = x[~np.isnan(x)]
    distinct = np.unique(known)
    if len(distinct) <= BINS + 1:
        for value in distinct.tolist():
            alike: BoolArray = x == value
            yield from seen.value(_word(value, feature.unit, seen.said), alike)
    else:
        edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)))
        ends = seen.said["from"], seen.said["over"]
        first = ends[0].format(low=_written(edges[0]), high=_written(edges[1]))
        yield from seen.value(first, x <= edges[1])
        for low, high in pairwise(edges[1:].tolist()):
            name = ends[1].format(low=_written(low), high=_written(high))
            yield from seen.value(name, (x > low) & (x <= high))
    yield from seen.value(seen.said["missing"], np.isnan(x))


def _told_apart(x: FloatArray, points: FloatArray) -> float:
    """Return how much of the points' variance tenths of the values explain."""
    known = ~np.isnan(x)
    place = np.zeros(len(x), dtype=np.int64)
    if known.any():
        edges = np.unique(np.quantile(x[known], np.linspace(0.0, 1.0, 11)[1:-1]))
        place[known] = 1 + np.searchsorted(edges, x[known], side="left")
    n = np.bincount(place)
    mean = np.bincount(place, points) / np.maximum(n, 1)
    return float((n * (mean - points.mean()) ** 2).sum())


def _what(feature: Feature, said: Mapping[str, Any]) -> str:
    what = feature.name.removeprefix(feature.about).removeprefix(".").replace("_", " ")
    stem = what.rstrip("0123456789")
    told = said["features"].get(what if stem == what else f"{stem}#")
    if told is None:
        return (what or str(said["value"])) + _unit(feature, what)
    return str(told).format(days=what.rpartition(" ")[2])


def _unit(feature: Feature, what: str) -> str:
    quiet = ("flag", "value", "code", "")
    return "" if feature.unit in quiet or feature.unit in what else f" ({feature.unit})"


def _word(value: float, unit: str, said: Mapping[str, Any]) -> str:
    if unit == "flag":
        return str(said["yes" if value == 1.0 else "no"])
    return _written(value)


def _written(value: float) -> str:
    """Return a number with three digits that count, thousands apart."""
    return f"{float(f'{value:.3g}'):,.10g}"
