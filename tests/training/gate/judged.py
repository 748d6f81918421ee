"""Judged leads made by hand, for the gate."""

from collections.abc import Mapping

import numpy as np

from features.arrays import FloatArray
from features.moment import DAY
from models.score.points import probability_of
from training.config import TrainingConfig
from training.evaluate.figures import Judged
from training.evaluate.metrics import log_odds
from training.gate.twins import Twins
from training.trial import MODEL, RATES

CONFIG = TrainingConfig()
CHANNELS = ("Web", "Fair", "Referral")
AUDIT = {"stopped": [], "warned": [], "vouched": ["industry"]}


def true_rates(n: int, seed: int = 0, spread: float = 1.2) -> FloatArray:
    """Return each lead's true probability."""
    return probability_of(np.random.default_rng(seed).normal(-1.2, spread, n))


def bent(
    probability: FloatArray, slope: float = 1.0, shift: FloatArray | float = 0.0
) -> FloatArray:
    """Return probabilities moved on the scale of log-odds."""
    return probability_of(slope * log_odds(probability) + shift)


def make_twins(
    own: FloatArray,
    beside: FloatArray | None,
    truth: FloatArray,
    *,
    channels: tuple[str | None, ...] = CHANNELS,
    seed: int = 0,
    audit: Mapping[str, object] | None = AUDIT,
    no_signal: tuple[str, ...] = (),
) -> Twins:
    """Return twins whose leads win by a true rate; one account each, ten a day."""
    n = len(truth)
    target = (np.random.default_rng(seed + 1).random(n) < truth).astype(np.float64)
    probability = {MODEL: own, RATES: np.full(n, target.mean())}
    if beside is not None:
        probability["champion"] = beside
    rows = np.arange(n)
    return Twins(
        judged=Judged(
            target=target,
            group=rows,
            at_creation=np.ones(n, dtype=np.bool_),
            channel=[channels[row % len(channels)] for row in rows.tolist()],
            probability=probability,
        ),
        created_at=20_000 * DAY + rows * (DAY // 10),
        own=MODEL,
        beside=None if beside is None else "champion",
        champion=None if beside is None else "1",
        basis="model",
        no_signal=no_signal,
        audit=audit,
    )
