"""Attributes that change after creation: a team size filled in later, a new timeframe."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.catalogue import LEVELS, TEAMS, TIMEFRAMES
from training.simulation.config import SECONDS_A_DAY
from training.simulation.draw import draw, shares
from training.simulation.entry import Entries

TEAM_FILLED_DAYS: Final = 25.0
"""Mean days until an empty `team_size` is filled in, whatever else is true."""
TIMEFRAME_RATE: Final = np.array([0.003, 0.006, 0.012, 0.020])
"""Changes of the timeframe per day, by interest; it changes once at most."""
NEW_TIMEFRAME: Final = np.array(
    [
        [0.00, 0.60, 0.20, 0.12, 0.06, 0.02],
        [0.00, 0.35, 0.30, 0.20, 0.10, 0.05],
        [0.00, 0.12, 0.18, 0.28, 0.26, 0.16],
        [0.00, 0.05, 0.08, 0.20, 0.32, 0.35],
    ]
)
NOT_YET: Final = np.iinfo(np.int64).max
"""Seconds that never come."""


@dataclass(frozen=True, slots=True)
class Changes:
    """When the two attributes change, were the lead to stay open; arrays of shape (n,).

    `team_at` and `timeframe_at` are seconds, `NOT_YET` where nothing is to change.
    """

    team_at: IntArray
    timeframe_at: IntArray
    timeframe: IntArray


def new_timeframe_table() -> FloatArray:
    """Return P(new value | interest, old value), shape (LEVELS, old, new); never the old one."""
    old = len(TIMEFRAMES)
    table = np.repeat(NEW_TIMEFRAME[:, None, :], old, axis=1)
    table[:, np.arange(old), np.arange(old)] = 0.0
    return shares(table)


def draw_changes(entries: Entries, rng: np.random.Generator) -> Changes:
    """Draw when and to what the attributes change."""
    n = len(entries.lead)
    filled = np.ceil(rng.exponential(TEAM_FILLED_DAYS, n) * SECONDS_A_DAY).astype(np.int64)
    days = rng.exponential(1.0, n) / TIMEFRAME_RATE[entries.interest]
    table = new_timeframe_table().reshape(-1, len(TIMEFRAMES))
    row = entries.interest * len(TIMEFRAMES) + entries.timeframe
    return Changes(
        team_at=np.where(entries.team_shown, NOT_YET, entries.created + filled),
        timeframe_at=entries.created + np.ceil(days * SECONDS_A_DAY).astype(np.int64),
        timeframe=draw(rng, table, row),
    )


def change_weights(entries: Entries, changes: Changes, as_of: IntArray) -> FloatArray:
    """Return P(what has changed up to `as_of` | interest, team), shape (n, LEVELS, TEAMS).

    When a team size is filled in tells nothing, so only what it is then counts.
    """
    changed = changes.timeframe_at <= as_of
    until = np.where(changed, changes.timeframe_at, as_of) - entries.created
    quiet = np.exp(-(until / SECONDS_A_DAY)[:, None] * TIMEFRAME_RATE)
    jump = TIMEFRAME_RATE * new_timeframe_table()[:, entries.timeframe, changes.timeframe].T
    timeframe = quiet * np.where(changed[:, None], jump, 1.0)
    filled = (changes.team_at <= as_of) & ~entries.team_shown
    known = entries.team[:, None] == np.arange(TEAMS)
    team = np.where(filled[:, None], known, True)
    assert timeframe.shape[1] == LEVELS
    result: FloatArray = timeframe[:, :, None] * team[:, None, :]
    return result
