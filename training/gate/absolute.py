"""What every model must show, with a champion before it or without."""

import numpy as np

from features.arrays import FloatArray
from training.config import Gate, TrainingConfig
from training.evaluate.bootstrap import Interval, draws, interval
from training.evaluate.metrics import Predictions, Ties, roc_auc
from training.gate.check import Check, Result
from training.gate.cost import Cost
from training.gate.twins import Twins

CHANCE = 0.5


def enough_leads(twins: Twins, gate: Gate) -> Check:
    """Check that so many leads were judged that something can be told."""
    n = len(twins.judged.target)
    won = int(twins.judged.target.sum())
    enough = n >= gate.least_leads and min(won, n - won) >= gate.least_outcomes
    return Check(
        "leads judged",
        "passed" if enough else "cannot tell",
        {"leads": n, "won": won, "lost": n - won},
        (float(gate.least_leads), float(gate.least_outcomes)),
        f"{n} later leads, {won} of them won; expected at least {gate.least_leads}, and "
        f"{gate.least_outcomes} won and {gate.least_outcomes} lost",
    )


def signal(twins: Twins, config: TrainingConfig) -> Check:
    """Check that the model ranks leads better than chance would."""
    judged = twins.judged
    predictions = Predictions.of(judged.probability[twins.own], judged.target)
    found = roc_auc(Ties.of(predictions, predictions.weights()))
    low, high = _auc_interval(predictions, twins, config)
    result: Result = "passed" if low > CHANCE and not twins.no_signal else "failed"
    said = f"ROC AUC {found:.3f} ({low:.3f} to {high:.3f}), expected a lower bound over {CHANCE}"
    if twins.no_signal:  # the interval would be that of the rates
        said = "rates answer: " + "; ".join(twins.no_signal)
    figures = {"roc_auc": found, "interval": [low, high], "no_signal": list(twins.no_signal)}
    return Check("signal", result, figures, CHANCE, said)


def _auc_interval(predictions: Predictions, twins: Twins, config: TrainingConfig) -> Interval:
    drawn: FloatArray = np.array(
        [
            roc_auc(Ties.of(predictions, predictions.weights(count)))
            for count in draws(twins.judged.group, config.evaluating.draws, config.seed)
        ]
    )
    return interval(drawn, config.evaluating.confidence)


def audit(twins: Twins) -> Check:
    """Check that the leakage audit was made and stopped nothing."""
    if twins.audit is None:
        return Check("audit", "cannot tell", {}, None, "there was no leakage audit; train again")
    counts = {part: len(twins.audit.get(part, ())) for part in ("stopped", "warned", "vouched")}
    return Check(
        "audit",
        "failed" if counts["stopped"] else "passed",
        counts,
        0.0,
        "columns that leak the outcome: "
        f"{counts['stopped']} by hard evidence (expected 0), {counts['warned']} warned of, "
        f"{counts['vouched']} vouched for",
    )


def latency(cost: Cost, gate: Gate) -> Check:
    """Check that one lead is scored fast enough."""
    return Check(
        "latency",
        "passed" if cost.latency_ms <= gate.latency_ms else "failed",
        {"latency_ms": cost.latency_ms},
        gate.latency_ms,
        f"{cost.latency_ms:.3f} ms for one lead alone (median), expected at most "
        f"{gate.latency_ms:g} ms",
    )


def size(cost: Cost, gate: Gate) -> Check:
    """Check that the bundle is small enough."""
    return Check(
        "bundle size",
        "passed" if cost.bundle_mb <= gate.bundle_mb else "failed",
        {"bundle_mb": cost.bundle_mb},
        gate.bundle_mb,
        f"{cost.bundle_mb:.1f} MB, expected at most {gate.bundle_mb:g} MB",
    )
