"""Invented rows for the tests of learning: a number, two categories, and a truth."""

import numpy as np

from features.arrays import FloatArray
from features.column import Column
from features.feature import Feature
from models.score.points import probability_of
from training.table import Table

FEATURES = (
    Feature("size", "size", "fit", ""),
    Feature("trade.code", "trade", "fit", "code"),
    Feature("trade.is a", "trade", "fit", "flag"),
    Feature("land.code", "land", "fit", "code"),
)
CHANNELS = ("web", "fair", "list")


def rows(n: int = 4000, seed: int = 1, *, strength: float = 1.0) -> tuple[Table, FloatArray]:
    """Return rows in time order, two for each account, and their true log-odds."""
    generator = np.random.default_rng(seed)
    trade = generator.integers(0, 4, n).astype(np.float64)
    land = generator.integers(0, 5, n).astype(np.float64)
    size = generator.normal(size=n)
    channel = generator.integers(0, 3, n)
    z = -1.0 + strength * (np.abs(size) + 0.8 * (trade == 1) - 0.8 * (land == 2) - 0.6)
    target = (generator.random(n) < probability_of(z)).astype(np.float64)
    size[generator.random(n) < 0.1] = np.nan
    table = Table(
        matrix=np.column_stack([size, trade, trade == 0, land]),
        target=target,
        weight=np.ones(n),
        opportunity=np.zeros(n),
        channel=Column(list(CHANNELS), channel.astype(np.int32)),
        channel_name=CHANNELS,
        at_creation=np.ones(n, dtype=np.bool_),
        group=np.arange(n) // 2,
        time=np.arange(n, dtype=np.float64),
        features=FEATURES,
    )
    return table, z
