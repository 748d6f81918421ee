"""Leads of one episode with all that happens to them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import BoolArray, IntArray
from training.simulation.behaviour import Behaviour, draw_behaviour
from training.simulation.chance import chance
from training.simulation.change import Changes, draw_changes
from training.simulation.config import END, SECONDS_A_DAY
from training.simulation.entry import Entries, draw_entries
from training.simulation.fate import Fates, draw_fates
from training.simulation.oracle import Oracle, make_oracle
from training.simulation.work import Work, draw_work
from training.simulation.world import World

RETURN_SHARE: Final = 0.10
"""Share of lost leads that ask again later, as the next episode."""
RETURN_DAYS: Final = (30.0, 90.0)
"""At least, and on average beyond that; visits before an entry stay clear of the loss."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of leads with their hidden truth; times are seconds."""

    entries: Entries
    changes: Changes
    work: Work
    behaviour: Behaviour
    fates: Fates
    oracle: Oracle

    @property
    def closed(self) -> BoolArray:
        """Whether the export knows the outcome."""
        return self.fates.outcome_at <= END

    @property
    def last(self) -> IntArray:
        """The last second at which something may change: the outcome or the export."""
        return np.minimum(self.fates.outcome_at, END)


def draw_batch(
    world: World,
    lead: IntArray,
    episode: int,
    created: IntArray,
    channel: IntArray,
    rng: np.random.Generator,
) -> Batch:
    """Draw one episode of the given leads."""
    number = np.full(len(lead), episode, np.int64)
    entries = draw_entries(world, lead, number, created, channel, rng)
    work = draw_work(created, rng)
    changes = draw_changes(entries, rng)
    behaviour = draw_behaviour(entries, rng)
    fates = draw_fates(entries, work.working, chance(entries, work.working), rng)
    oracle = make_oracle(entries, changes, behaviour, work, fates)
    return Batch(entries, changes, work, behaviour, fates, oracle)


def draw_returns(world: World, batch: Batch, rng: np.random.Generator) -> Batch:
    """Draw the next episode of those that were lost and ask again before the export."""
    lost = batch.closed & (batch.fates.won == 0)
    n = len(lost)
    gap = RETURN_DAYS[0] + rng.exponential(RETURN_DAYS[1], n)
    wait = np.ceil(gap * SECONDS_A_DAY).astype(np.int64)
    again = np.where(lost, batch.fates.outcome_at, 0) + wait
    back = np.flatnonzero(lost & (rng.random(n) < RETURN_SHARE) & (again < END))
    return draw_batch(
        world, batch.entries.lead[back], 2, again[back], batch.entries.channel[back], rng
    )
