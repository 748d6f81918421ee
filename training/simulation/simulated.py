"""The sample CRM, all at once or in chunks of bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays import IntArray
from training.simulation.batch import draw_batch, draw_returns
from training.simulation.config import SimulationConfig
from training.simulation.deeds import draw_deeds, in_order
from training.simulation.entry import draw_channels
from training.simulation.tables import (
    Ids,
    activities_table,
    history_table,
    leads_table,
    oracle_table,
)
from training.simulation.world import World, make_world

TABLES: Final = ("leads", "activities", "history", "oracle")


@dataclass(frozen=True, slots=True)
class Simulated:
    """The four tables, sorted by lead; their columns are those of the files."""

    leads: pa.Table
    activities: pa.Table
    history: pa.Table
    oracle: pa.Table


def simulate(config: SimulationConfig, seed: int) -> Simulated:
    """Return the whole sample CRM in memory; the same seed gives the same tables."""
    parts = list(simulate_chunks(config, seed))
    return Simulated(
        *(
            pa.concat_tables([getattr(part, name) for part in parts]).unify_dictionaries()
            for name in TABLES
        )
    )


def simulate_chunks(config: SimulationConfig, seed: int) -> Iterator[Simulated]:
    """Yield the sample CRM in chunks of leads, in order of their creation."""
    world = make_world(config, np.random.default_rng([seed, 0]))
    first = np.cumsum(world.copies) - world.copies
    ids = Ids(first, world.copies)
    distinct = len(world.created)
    for chunk, start in enumerate(range(0, distinct, config.chunk_leads)):
        lead = np.arange(start, min(start + config.chunk_leads, distinct))
        rng = np.random.default_rng([seed, 1 + chunk])
        yield simulate_leads(world, lead, ids, rng, drift=config.drift)


def simulate_leads(
    world: World,
    lead: IntArray,
    ids: Ids,
    rng: np.random.Generator,
    *,
    drift: bool,
) -> Simulated:
    """Simulate some leads of the world, with all their episodes."""
    created = world.created[lead]
    country = world.accounts.country[world.account[lead]]
    channel = draw_channels(created, country, rng, drift=drift)
    once = draw_batch(world, lead, 1, created, channel, rng)
    batches = [once, draw_returns(world, once, rng)]
    again = np.isin(once.entries.lead, batches[1].entries.lead)
    full = [again, np.ones(len(batches[1].entries.lead), np.bool_)]
    history = [history_table(b, f, ids) for b, f in zip(batches, full, strict=True)]
    deeds = in_order([draw_deeds(batch, rng) for batch in batches])
    return Simulated(
        leads=in_turn([leads_table(world, b, ids, rng) for b in batches], "episode"),
        activities=activities_table(deeds, ids),
        history=in_turn(history, "attribute", "changed_at"),
        oracle=in_turn([oracle_table(b, ids) for b in batches], "episode", "snapshot_day"),
    )


def in_turn(parts: list[pa.Table], *keys: str) -> pa.Table:
    """Return the parts as one table, sorted by lead and the given columns."""
    table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    order = [("number", "ascending"), *((key, "ascending") for key in keys)]
    columns = {
        key: table[key].cast(pa.string()) if pa.types.is_dictionary(table[key].type) else table[key]
        for key, _ in order
    }
    return table.take(pc.sort_indices(pa.table(columns), order)).drop_columns(["number"])
