"""What plots of a report are drawn from: few points, ties shared, intervals where they matter."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np

from features.arrays import FloatArray, IntArray
from training.config import Evaluating
from training.evaluate.bootstrap import draws, interval
from training.evaluate.figures import Judged, plain
from training.evaluate.metrics import BINS, SMALLEST, Predictions, Ties

Kind = Literal["channel", "segment"]
GRID: Final = 50
DIGITS: Final = 4
NORMAL_95: Final = 1.959964
MOST_OF_NONE: Final = 3.0


def curves(judged: Judged, answer: str, config: Evaluating, seed: int) -> dict[str, Any]:
    """Return the points of all plots of test leads.

    Parameters
    ----------
    judged : Judged
        One row per lead, at creation.
    answer : str
        The way to predict whose reliability, channels and segments are shown.
    """
    ties = {
        name: Ties.of(found := Predictions.of(values, judged.target), found.weights())
        for name, values in judged.probability.items()
    }
    return {
        "reliability": reliability(judged.probability[answer], judged.target),
        "gain": {name: gain(one) for name, one in ties.items()},
        "roc": {name: roc(one) for name, one in ties.items()},
        "precision": {name: precision(one) for name, one in ties.items()},
        "channels": by_part("channel", judged.channel, judged, answer, config, seed=seed),
        "segments": []
        if judged.segment is None
        else by_part("segment", judged.segment, judged, answer, config, seed=seed),
    }


def reliability(probability: FloatArray, target: FloatArray) -> list[dict[str, Any]]:
    """Return tenths of the leads by probability: what was predicted, and what came of them."""
    order = np.argsort(probability, kind="stable")
    found = []
    for part in np.array_split(order, BINS):
        if len(part):
            n, won = len(part), int(target[part].sum())
            row = {"n": n, "won": won, "predicted": float(probability[part].mean())}
            found.append({**row, "rate": won / n, "interval": list(wilson(won, n))})
    return found


def wilson(won: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson (1927)."""
    if n == 0:
        return 0.0, 1.0
    rate, z2 = won / n, NORMAL_95**2
    middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_95 * np.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def gain(ties: Ties) -> list[list[float]]:
    """Return [share of the leads, best first; share of the wins among them] points."""
    return _points(_share(ties.rows), _share(ties.won))


def roc(ties: Ties) -> list[list[float]]:
    """Return [share of the leads not won; share of the wins] points."""
    return _points(_share(ties.rows - ties.won), _share(ties.won))


def precision(ties: Ties) -> list[list[float]]:
    """Return [share of the wins; share won among as many leads as that takes] points."""
    leads = np.concatenate([[0.0], np.cumsum(ties.rows)])
    won = np.concatenate([[0.0], np.cumsum(ties.won)])
    if won[-1] == 0.0:
        return []
    first = np.concatenate([[True], np.diff(won) > 0.0])
    shares = np.linspace(0.0, 1.0, GRID + 1)[1:]
    taken = np.interp(shares * won[-1], won[first], leads[first])
    return _listed(shares, shares * won[-1] / np.maximum(taken, SMALLEST))


def by_part(
    kind: Kind,
    part: Sequence[str | None],
    judged: Judged,
    answer: str,
    config: Evaluating,
    *,
    seed: int,
) -> list[dict[str, Any]]:
    """Return wins and expected wins by channel or segment, with intervals, the largest first.

    Parameters
    ----------
    part : sequence of str or None
        Each lead's channel or segment.
    """
    names, place = np.unique([name or "" for name in part], return_inverse=True)
    expected = judged.probability[answer]
    drawn = [
        _ratio(place, count * judged.target, count * expected, len(names))
        for count in draws(judged.group, config.draws, seed)
    ]
    rows = []
    for i, name in enumerate(names.tolist()):
        here = place == i
        n, won = int(here.sum()), int(judged.target[here].sum())
        low, high = interval(np.array([one[i] for one in drawn]), config.confidence)
        if won == 0:  # none in any draw: the upper limit of a count of none is three
            low, high = 0.0, MOST_OF_NONE / max(float(expected[here].sum()), SMALLEST)
        rows.append(
            {
                kind: name or None,
                "n": n,
                "won": won,
                "rate_interval": list(wilson(won, n)),
                "expected": float(expected[here].sum()),
                "observed_expected": plain(won / max(float(expected[here].sum()), SMALLEST)),
                "observed_expected_interval": [plain(low), plain(high)],
            }
        )
    return sorted(rows, key=lambda row: (-row["n"], row[kind] or ""))


def _ratio(place: IntArray, won: FloatArray, expected: FloatArray, n: int) -> FloatArray:
    """Return wins over expected wins by part; NaN where none of it was drawn."""
    by_won, by_expected = (np.bincount(place, values, n) for values in (won, expected))
    found: FloatArray = np.divide(
        by_won, by_expected, out=np.full(n, np.nan), where=by_expected > 0.0
    )
    return found


def _share(counts: FloatArray) -> FloatArray:
    total = max(float(counts.sum()), SMALLEST)
    return np.concatenate([[0.0], np.cumsum(counts) / total])


def _points(x: FloatArray, y: FloatArray) -> list[list[float]]:
    grid = np.linspace(0.0, 1.0, GRID + 1)
    return _listed(grid, np.interp(grid, x, y))


def _listed(x: FloatArray, y: FloatArray) -> list[list[float]]:
    points: list[list[float]] = np.round(np.stack([x, y], axis=1), DIGITS).tolist()
    return points
