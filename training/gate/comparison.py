"""A challenger beside the champion, on the same later leads."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from features.arrays import FloatArray, IntArray
from training.config import Gate, TrainingConfig
from training.evaluate.bootstrap import mean_interval
from training.evaluate.metrics import row_log_loss
from training.gate.check import Check, Result
from training.gate.holm import holm
from training.gate.twins import Twins
from training.offsets import Kind

WITHOUT: dict[Kind, str] = {"channel": "without channel", "segment": "rare or not known"}
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


def parts(twins: Twins, beside: str, config: TrainingConfig) -> list[Check]:
    """Check that no channel and no segment with enough leads became worse, by Holm's method.

    One is worse when its p-value, adjusted over all channels and segments, is under the error
    rate and its mean difference over the margin.
    """
    value = differences(twins, beside)
    compared = [_compared("channel", twins.judged.channel, value, twins, config.gate)]
    if twins.judged.segment is not None:
        compared.append(_compared("segment", twins.judged.segment, value, twins, config.gate))
    tested = [one for some in compared for one in some.tested]
    adjusted = holm(np.array([one["p"] for one in tested]))
    for one, p in zip(tested, adjusted.tolist(), strict=True):
        one["adjusted_p"] = p
        one["worse"] = p < config.gate.error_rate and one["difference"] > (
            config.gate.log_loss_margin
        )
    return [some.check(config.gate) for some in compared]


@dataclass(frozen=True, slots=True)
class _Compared:
    """Channels or segments beside those of the champion.

    Parameters
    ----------
    kind : "channel" or "segment"
    tested : list of dict
        Those with enough leads.
    small : int
        Leads of the others.
    """

    kind: Kind
    tested: list[dict[str, Any]]
    small: int

    def check(self, gate: Gate) -> Check:
        """Return what came of them."""
        figures = {f"{self.kind}s": self.tested, f"leads_in_small_{self.kind}s": self.small}
        result, said = self._said(gate)
        return Check(f"{self.kind}s", result, figures, gate.error_rate, said)

    def _said(self, gate: Gate) -> tuple[Result, str]:
        if not self.tested:
            return "cannot tell", f"no {self.kind} has {gate.least_leads_of_segment} leads"
        left = f"; {self.small} leads are in smaller {self.kind}s" if self.small else ""
        worse = [one for one in self.tested if one["worse"]]
        if not worse:
            said = f"none of {len(self.tested)} is worse (Holm, {gate.error_rate:g}){left}"
            return "passed", said
        named = ", ".join(
            f"{one[self.kind]} ({one['difference']:+.4f} on {one['leads']} leads, "
            f"adjusted p {one['adjusted_p']:.3g})"
            for one in worse
        )
        return "failed", f"worse in {named}; expected none{left}"


def _compared(
    kind: Kind, part: list[str | None], value: FloatArray, twins: Twins, gate: Gate
) -> _Compared:
    names = np.array([name or WITHOUT[kind] for name in part])
    tested: list[dict[str, Any]] = []
    small = 0
    for name in np.unique(names).tolist():
        rows = names == name
        n = int(rows.sum())
        if n < gate.least_leads_of_segment:
            small += n
            continue
        p = chance_if_not_worse(value[rows], twins.judged.group[rows])
        tested.append({kind: name, "leads": n, "difference": float(value[rows].mean()), "p": p})
    return _Compared(kind, tested, small)


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
