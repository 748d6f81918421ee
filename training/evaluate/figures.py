"""The figures of one set of predictions, as they stand in a report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.config import Evaluating
from training.evaluate.bootstrap import mean_interval, metric_intervals
from training.evaluate.metrics import (
    Predictions,
    all_metrics,
    ece_if_calibrated,
    row_log_loss,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows that are judged, and what each way to predict says of them.

    Parameters
    ----------
    target : array of shape (n_rows,)
    group : array of shape (n_rows,)
        Account of each row: drawn together in the bootstrap.
    at_creation : array of shape (n_rows,)
    channel : list of str or None
        Canonical name of each row's channel.
    probability : mapping of str to array of shape (n_rows,)
        By the name of the way to predict.
    segment : list of str or None, optional
        Canonical name of each row's segment; None where the mapping names no segment.
    """

    target: FloatArray
    group: IntArray
    at_creation: BoolArray
    channel: list[str | None]
    probability: Mapping[str, FloatArray]
    segment: list[str | None] | None = None

    def take(self, rows: BoolArray) -> "Judged":
        """Return some rows."""
        places = np.flatnonzero(rows).tolist()
        return Judged(
            self.target[rows],
            self.group[rows],
            self.at_creation[rows],
            [self.channel[place] for place in places],
            {name: values[rows] for name, values in self.probability.items()},
            None if self.segment is None else [self.segment[place] for place in places],
        )


def pooled(parts: Sequence[Judged]) -> Judged:
    """Return the rows of several trials together; an account in two of them stays one."""
    names = set.intersection(*(set(part.probability) for part in parts))
    return Judged(
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.at_creation for part in parts]),
        [channel for part in parts for channel in part.channel],
        {
            name: np.concatenate([part.probability[name] for part in parts])
            for name in parts[0].probability
            if name in names
        },
    )


def figures(judged: Judged, name: str, config: Evaluating, seed: int) -> dict[str, Any]:
    """Return every metric of one way to predict, with intervals over accounts."""
    probability = judged.probability[name]
    predictions = Predictions.of(probability, judged.target)
    found = all_metrics(predictions)
    intervals = metric_intervals(
        predictions,
        judged.group,
        found,
        n_draws=config.draws,
        confidence=config.confidence,
        seed=seed,
    )
    return {
        **{key: plain(value) for key, value in found.items()},
        "n": len(probability),
        "ece_if_calibrated": ece_if_calibrated(probability, seed),
        "intervals": {key: [plain(low), plain(high)] for key, (low, high) in intervals.items()},
    }


def difference(
    judged: Judged, name: str, other: str, config: Evaluating, seed: int
) -> dict[str, Any]:
    """Return the paired difference in log loss; negative where `name` is better."""
    value = row_log_loss(judged.probability[name], judged.target) - row_log_loss(
        judged.probability[other], judged.target
    )
    low, high = mean_interval(
        value, judged.group, n_draws=config.draws, confidence=config.confidence, seed=seed
    )
    return {"log_loss": float(value.mean()), "interval": [plain(low), plain(high)]}


def by_channel(judged: Judged, name: str) -> list[dict[str, Any]]:
    """Return leads, wins and expected wins per channel, the largest first."""
    names = np.array([channel or "" for channel in judged.channel])
    rows = []
    for channel in np.unique(names).tolist():
        here = names == channel
        rows.append(
            {
                "channel": channel or None,
                "n": int(here.sum()),
                "won": int(judged.target[here].sum()),
                "expected": float(judged.probability[name][here].sum()),
            }
        )
    return sorted(rows, key=lambda row: (-row["n"], row["channel"] or ""))


def by_segment(
    judged: Judged, name: str, config: Evaluating, seed: int, *, least: int
) -> list[dict[str, Any]]:
    """Return every metric per segment with so many rows, with intervals, the largest first."""
    segment = np.array([one or "" for one in judged.segment or ()])
    names, counts = np.unique(segment, return_counts=True)
    large = [pair for pair in zip(names.tolist(), counts.tolist(), strict=True) if pair[1] >= least]
    return [
        {"segment": one or None, **figures(judged.take(segment == one), name, config, seed)}
        for one, _ in sorted(large, key=lambda pair: (-pair[1], pair[0]))
    ]


def plain(value: float) -> float | None:
    """Return a figure for JSON, which knows no NaN."""
    return value if math.isfinite(value) else None


def contacted_in_time(
    judged: Judged, name: str, waited_hours: FloatArray, within_hours: float
) -> dict[str, Any]:
    """Return counts, win rates and figures of leads by how soon they were contacted.

    Parameters
    ----------
    waited_hours : array of shape (n_rows,)
        From creation to the first contact; NaN where there was none.
    within_hours : float
        So soon counts as in time.
    """
    in_time = waited_hours <= within_hours
    groups = {"in_time": in_time, "late": waited_hours > within_hours}
    groups["never"] = np.isnan(waited_hours)
    out: dict[str, Any] = {"within_hours": within_hours}
    for group, rows in groups.items():
        out[group] = {"n": int(rows.sum()), "won": int(judged.target[rows].sum())}
        if rows.any():
            found = all_metrics(Predictions.of(judged.probability[name][rows], judged.target[rows]))
            out[group] |= {key: plain(value) for key, value in found.items() if key != "n"}
    return out
