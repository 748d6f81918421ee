"""A challenger beside the champion, on the same later leads."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.config import Gate, TrainingConfig
from training.evaluate.bootstrap import mean_interval
from training.evaluate.metrics import row_log_loss
from training.gate.check import Check, Result
from training.gate.holm import holm
from training.gate.twins import Twins

NO_CHANNEL = "without channel"
Verdict = Literal["better", "equal", "not worse", "cannot tell", "worse"]
SAID: dict[Verdict, str] = {
    "better": "better",
    "equal": "equal",
    "not worse": "not worse, perhaps better",
    "cannot tell": "cannot tell which is better",
    "worse": "worse",
}


def differences(twins: Twins, beside: str) -> FloatArray:
    """Return each lead's log loss less that of the champion; negative where it is better."""
    judged = twins.judged
    return row_log_loss(judged.probability[twins.own], judged.target) - row_log_loss(
        judged.probability[beside], judged.target
    )


def log_loss(twins: Twins, beside: str, config: TrainingConfig) -> Check:
    """Check that the log loss is not worse than the champion's by more than the margin."""
    value = differences(twins, beside)
    low, high = mean_interval(
        value,
        twins.judged.group,
        n_draws=config.evaluating.draws,
        confidence=config.evaluating.confidence,
        seed=config.seed,
    )
    margin = config.gate.log_loss_margin
    result: Result = "cannot tell"
    if high <= margin:
        result = "passed"
    elif low > margin:
        result = "failed"
    word = verdict(low, high, margin)
    mean = float(value.mean())
    return Check(
        "log loss",
        result,
        {"difference": mean, "interval": [low, high], "verdict": word},
        margin,
        f"{mean:+.4f} ({low:+.4f} to {high:+.4f}) to the champion's: {SAID[word]}; expected an "
        f"upper bound of at most {margin:g}",
    )


def verdict(low: float, high: float, margin: float) -> Verdict:
    """Return what an interval of a difference in loss says in a word.

    "not worse": surely not by more than the margin; whether it is better cannot be told.
    """
    if high < 0.0:
        return "better"
    if low > margin:
        return "worse"
    if high > margin:
        return "cannot tell"
    return "equal" if low >= -margin else "not worse"


def segments(twins: Twins, beside: str, config: TrainingConfig) -> Check:
    """Check that no channel with enough leads became worse, by Holm's method.

    A channel is worse when its adjusted p-value is under the error rate and its mean
    difference over the margin.
    """
    gate = config.gate
    value = differences(twins, beside)
    tested: list[dict[str, Any]] = []
    small = 0
    for name, rows in _channels(twins):
        n = int(rows.sum())
        if n < gate.least_leads_of_segment:
            small += n
            continue
        p = chance_if_not_worse(value[rows], twins.judged.group[rows])
        tested.append({"channel": name, "leads": n, "difference": value[rows].mean(), "p": p})
    adjusted = holm(np.array([one["p"] for one in tested]))
    for one, p in zip(tested, adjusted.tolist(), strict=True):
        one["difference"] = float(one["difference"])
        one["adjusted_p"] = p
        one["worse"] = p < gate.error_rate and one["difference"] > gate.log_loss_margin
    figures = {"channels": tested, "leads_in_small_channels": small}
    result, said = _about(tested, small, gate)
    return Check("channels", result, figures, gate.error_rate, said)


def _about(tested: list[dict[str, Any]], small: int, gate: Gate) -> tuple[Result, str]:
    if not tested:
        return "cannot tell", f"no channel has {gate.least_leads_of_segment} leads"
    left = f"; {small} leads are in smaller channels" if small else ""
    worse = [one for one in tested if one["worse"]]
    if not worse:
        return "passed", f"none of {len(tested)} is worse (Holm, {gate.error_rate:g}){left}"
    named = ", ".join(
        f"{one['channel']} ({one['difference']:+.4f} on {one['leads']} leads, "
        f"adjusted p {one['adjusted_p']:.3g})"
        for one in worse
    )
    return "failed", f"worse in {named}; expected none{left}"


def _channels(twins: Twins) -> Iterator[tuple[str, BoolArray]]:
    names = np.array([name or NO_CHANNEL for name in twins.judged.channel])
    for name in np.unique(names).tolist():
        yield name, names == name


def chance_if_not_worse(value: FloatArray, group: IntArray) -> float:
    """Return how likely so large a mean is when the true one is 0, accounts kept together.

    One-sided, by the normal distribution; the variance is that of sums over accounts.
    """
    n, mean = len(value), float(value.mean())
    _, place = np.unique(group, return_inverse=True)
    sums = np.bincount(place, weights=value - mean)
    accounts = len(sums)
    if accounts < 2:
        return 1.0
    error = sqrt(float((sums * sums).sum()) * accounts / (accounts - 1)) / n
    if error == 0.0:
        return 0.0 if mean > 0.0 else 1.0
    return 1.0 - NormalDist().cdf(mean / error)
