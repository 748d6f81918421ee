"""Whether two samples come from the same distribution, by a null that is simulated."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from features.arrays import FloatArray, IntArray
from features.attributes.vocabulary import canonical
from features.column import Column

BINS = 10
MOST_CATEGORIES = 20
ENOUGH = 10
"""Draws at least as far apart that end a simulation: the p-value is then exact enough."""
FIRST_DRAWS = 1_000
MISSING = None


class Compared(NamedTuple):
    """How far two samples are apart.

    Parameters
    ----------
    p_value : float
        Chance of samples at least so far apart without any change.
    distance : float
        Total variation: the share of leads that would have to be others, 0 to 1.
    """

    p_value: float
    distance: float


def compare(reference: IntArray, window: IntArray, least_p: float, seed: int) -> Compared:
    """Return how far counts are apart, and how often chance alone takes them so far.

    The statistic is Pearson's; its null shuffles all leads of both samples between them, so
    neither bins that are rare nor the size of the reference matter (PSI with a fixed bar, by
    contrast, alarms on most small samples). The simulation ends early where nothing is unusual
    (Besag and Clifford, 1991).

    Parameters
    ----------
    reference, window : arrays of shape (n_bins,)
        Counts.
    least_p : float
        p-values below this need not be told apart.
    seed : int
        Of the simulation.

    Examples
    --------
    >>> compare(np.array([500, 500]), np.array([900, 100]), 0.001, 0).p_value < 0.001
    True
    """
    used = (reference + window) > 0
    reference, window = reference[used], window[used]
    n, m = int(window.sum()), int(reference.sum())
    if not n or not m or len(window) < 2:
        return Compared(1.0, 0.0)
    distance = 0.5 * float(np.abs(window / n - reference / m).sum())
    total = window + reference
    expected: FloatArray = (total * (n / (n + m))).astype(np.float64)
    found = _statistic(window, expected)
    rng = np.random.default_rng(seed)
    most = int(np.ceil(1.0 / least_p))
    drawn = as_far = 0
    while drawn < most and as_far < ENOUGH:
        size = min(FIRST_DRAWS if not drawn else 10 * FIRST_DRAWS, most - drawn)
        draws = rng.multivariate_hypergeometric(total, n, size=size, method="marginals")
        as_far += int((_statistic(draws, expected) >= found - 1e-9).sum())
        drawn += size
    return Compared((as_far + 1) / (drawn + 1), distance)


def _statistic(counts: IntArray, expected: FloatArray) -> "FloatArray":
    result: FloatArray = ((counts - expected) ** 2 / expected).sum(axis=-1)
    return result


def binned(reference: Column, window: Column) -> tuple[IntArray, IntArray]:
    """Return how often both samples are in each bin; missing values have one.

    Numbers have bins of equal mass in the reference, anything else its frequent values. Of a
    stored form with several parts only the flags count: a domain is another for every lead.

    Examples
    --------
    >>> old, new = Column(["a", "b", None], np.array([0, 0, 1, 2])), Column(["a"], np.array([0]))
    >>> binned(old, new)
    (array([2, 1, 1, 0]), array([1, 0, 0, 0]))
    """
    known = [value for value in reference.values if not is_missing(value)]
    if known and all(is_number(value) for value in known):
        return _numbers(reference, window)
    names = [key_of(value) for value in reference.values]
    counts: dict[Hashable, int] = {}
    for name, count in zip(names, _times(reference), strict=True):
        if name is not MISSING and count:
            counts[name] = counts.get(name, 0) + int(count)
    frequent = sorted(counts, key=lambda name: -counts[name])[:MOST_CATEGORIES]
    place: dict[Hashable, int] = {name: at for at, name in enumerate(frequent)}
    place[MISSING] = len(frequent)

    def count_of(column: Column) -> IntArray:
        own = [place.get(key_of(value), len(frequent) + 1) for value in column.values]
        return np.bincount(np.array(own, dtype=np.int64)[column.codes], minlength=len(place) + 1)

    return count_of(reference), count_of(window)


def key_of(value: object) -> Hashable:
    """Return what tells a value from others, None where it is missing."""
    if is_missing(value):
        return MISSING
    if isinstance(value, dict):
        return tuple(sorted((str(k), v) for k, v in value.items() if isinstance(v, bool)))
    if isinstance(value, list | tuple):
        return tuple(sorted(map(str, value)))
    return canonical(value)


def is_missing(value: object) -> bool:
    """Return whether a value is not there."""
    return value is None or value == "" or (isinstance(value, float) and value != value)


def is_number(value: object) -> bool:
    """Return whether a value is a number; truth is none."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def score_bins(reference: FloatArray, window: FloatArray) -> tuple[IntArray, IntArray]:
    """Return counts in bins of equal mass in the reference; NaN are left out."""
    old, new = reference[~np.isnan(reference)], window[~np.isnan(window)]
    if not len(old):
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    edges = np.unique(np.quantile(old, np.arange(1, BINS) / BINS))
    n = len(edges) + 1
    both = [np.searchsorted(edges, part, side="right") for part in (old, new)]
    return np.bincount(both[0], minlength=n), np.bincount(both[1], minlength=n)


def _numbers(reference: Column, window: Column) -> tuple[IntArray, IntArray]:
    old, new = _floats(reference), _floats(window)
    counts = score_bins(old, new)
    gaps = [int(np.isnan(part).sum()) for part in (old, new)]
    return np.append(counts[0], gaps[0]), np.append(counts[1], gaps[1])


def _floats(column: Column) -> FloatArray:
    values = [float(v) if is_number(v) else np.nan for v in column.values]  # type: ignore[arg-type]
    return np.array(values, dtype=np.float64)[column.codes]


def _times(column: Column) -> IntArray:
    return np.bincount(column.codes, minlength=len(column.values))
