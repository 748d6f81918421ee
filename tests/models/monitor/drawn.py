"""Invented leads of a world that stays as it is until somebody changes it."""

from typing import Any

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.column import Column
from features.moment import DAY, NEVER
from models.monitor.observed import Observed
from models.monitor.reference import Reference

CHANNELS = ("Web", "Referral", "Trade fair", "LinkedIn")
SHARES = (0.4, 0.2, 0.1, 0.3)
INDUSTRIES = ("Software", "Retail", "Banking", None)
HORIZON = 90
START = 20_000 * DAY
DAYS, BY_THEN = np.array([0.0, 30.0, 60.0, 90.0]), np.array([0.0, 0.4, 0.7, 1.0])


def make_fields(n: int, rng: np.random.Generator, **changed: Any) -> dict[str, Column]:
    """Return columns of n leads."""
    channel = rng.choice(len(CHANNELS), n, p=changed.get("shares", SHARES))
    industry = rng.choice(len(INDUSTRIES), n, p=changed.get("industry", (0.4, 0.3, 0.2, 0.1)))
    size = np.where(rng.random(n) < 0.2, np.nan, rng.lognormal(3, 1, n))
    return {
        "channel": Column(list(CHANNELS), channel.astype(np.int32)),
        "industry": Column(list(INDUSTRIES), industry.astype(np.int32)),
        "size": Column(size, np.arange(n, dtype=np.int32)),
    }


def make_probability(n: int, rng: np.random.Generator) -> FloatArray:
    """Return probabilities of about 7 % on average."""
    found: FloatArray = 1 / (1 + np.exp(-rng.normal(-3.0, 1.0, n)))
    return found


def make_reference(n: int = 3000, seed: int = 0) -> Reference:
    """Return the reference of a calibrated model."""
    rng = np.random.default_rng(seed)
    probability = make_probability(n, rng)
    return Reference(
        fields=make_fields(n, rng),
        scores=probability,
        probability=probability,
        won=(rng.random(n) < probability).astype(np.float64),
        horizon_days=HORIZON,
        delay_days=DAYS,
        delay_share=BY_THEN,
    )


def make_observed(n: int, seed: int, *, a_day: float = 40.0, **changed: Any) -> Observed:
    """Return leads that come evenly; `truth` turns predictions into true probabilities."""
    rng = np.random.default_rng([7, seed])
    probability = make_probability(n, rng)
    truth = changed.get("truth", lambda p: p)(probability)
    at = START + (np.arange(n) / a_day * DAY).astype(np.int64)
    won: BoolArray = rng.random(n) < truth
    delay = np.interp(rng.random(n), BY_THEN, DAYS) * DAY
    return Observed(
        at=at,
        fields=make_fields(n, rng, **changed),
        probability=probability,
        won_at=np.where(won, at + delay.astype(np.int64), NEVER),
        closed=np.ones(n, dtype=np.bool_),
    )


def joined(first: Observed, second: Observed) -> Observed:
    """Return the leads of one, followed by those of the other."""
    step = first.at[-1] + DAY // 40 - second.at[0]
    fields = {}
    for name, column in first.fields.items():
        more = second.fields[name]
        codes = np.concatenate([column.codes, more.codes + len(column.values)])
        values = [*column.values, *more.values]
        fields[name] = Column(values, codes.astype(np.int32))
    later = np.where(second.won_at == NEVER, NEVER, second.won_at + step)
    return Observed(
        np.concatenate([first.at, second.at + step]),
        fields,
        np.concatenate([first.probability, second.probability]),
        np.concatenate([first.won_at, later]),
        np.concatenate([first.closed, second.closed]),
    )
