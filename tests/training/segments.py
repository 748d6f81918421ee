"""Invented rows whose segments differ from what a model can see."""

from dataclasses import replace

import numpy as np

from features.arrays import FloatArray
from features.column import Column
from models.score.points import probability_of
from tests.training.rows import rows
from training.table import Segment, Table

LANDS = ("DE", "FR", "PL", None)


def segmented(
    effects: tuple[float, ...], n: int = 4000, seed: int = 1, *, strength: float = 1.0
) -> tuple[Table, FloatArray]:
    """Return rows in time order, and their true log-odds, moved by the effect of the segment."""
    table, z = rows(n, seed, strength=strength)
    generator = np.random.default_rng(seed + 100)
    land = generator.choice(len(effects), n, p=shares(len(effects)))
    z = z + np.array(effects)[land]
    target = (generator.random(n) < probability_of(z)).astype(np.float64)
    segment = Segment("land", Column(list(LANDS[: len(effects)]), land.astype(np.int32)))
    return replace(table, target=target, segment=segment), z


def shares(n: int) -> FloatArray:
    """Return the share of each segment, the first the largest."""
    falling = 1.0 / np.arange(1, n + 1)
    out: FloatArray = falling / falling.sum()
    return out
