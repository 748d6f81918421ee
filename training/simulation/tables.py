"""The tables of the export, as a CRM would write them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from features.arrays import BoolArray, FloatArray, IntArray
from training.simulation.batch import Batch
from training.simulation.catalogue import (
    CHANNELS,
    COUNTRIES,
    INDUSTRIES,
    OWNERS,
    SOURCES,
    TIMEFRAMES,
    TOPICS,
)
from training.simulation.config import SECONDS_A_DAY
from training.simulation.deeds import ALL_KINDS, MEDIA, STAFF_KINDS, Deeds
from training.simulation.noise import draw_noise
from training.simulation.wording import emails, job_titles, messages, named, numbered, phones
from training.simulation.world import World

MOMENT: Final = pa.timestamp("s", "UTC")
NOTES: Final = (None, "no answer", "no budget", "proposal sent", "contract sent", "wrong person")
NOTE_SHARE: Final = np.array(
    [
        [0.70, 0.16, 0.03, 0.06, 0.02, 0.03],
        [0.10, 0.38, 0.27, 0.06, 0.01, 0.18],
        [0.08, 0.00, 0.01, 0.33, 0.58, 0.00],
    ]
)
"""Filled in by sales while closing: per open, lost, won."""
RATINGS: Final = (None, "cold", "warm", "hot")
RATING_SHARE: Final = np.array(
    [[0.80, 0.10, 0.07, 0.03], [0.15, 0.65, 0.17, 0.03], [0.05, 0.03, 0.22, 0.70]]
)
LEAKS: Final = ("sales_stage_note", "lead_rating")
OUTCOMES: Final = ("open", "lost", "won")
MEDIA_NAMES: Final = tuple(dict.fromkeys(MEDIA))
MEDIUM: Final = np.array([MEDIA_NAMES.index(medium) for medium in MEDIA])


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of the leads in the world: the first of each, and how many it has."""

    first: IntArray
    copies: IntArray

    def expand(self, lead: IntArray) -> tuple[IntArray, IntArray]:
        """Return, for rows of leads, the rows repeated for every id, and the ids."""
        times = self.copies[lead]
        row = np.repeat(np.arange(len(lead)), times)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
        return row, self.first[lead[row]] + nth


def lead_ids(number: IntArray) -> pa.Array:
    """Return lead ids."""
    return numbered("L-", number + 1, 7)


def moments(seconds: IntArray, known: BoolArray | None = None) -> pa.Array:
    """Return seconds as moments, empty where not known."""
    mask = None if known is None else ~known
    return pa.array(np.where(known, seconds, 0) if known is not None else seconds, mask=mask).cast(
        MOMENT
    )


def leads_table(world: World, batch: Batch, ids: Ids, rng: np.random.Generator) -> pa.Table:
    """Return the leads as of the export, with a column `number` to sort by."""
    outcome = np.where(batch.closed, 1 + batch.fates.won, 0)
    columns = {
        **identity(batch),
        **company(world, batch),
        **person(world, batch),
        **form(batch),
        **draw_noise(len(outcome), rng),
        "sales_stage_note": pick(NOTES, NOTE_SHARE[outcome], rng),
        "lead_rating": pick(RATINGS, RATING_SHARE[outcome], rng),
        **course(batch, outcome, rng),
    }
    row, number = ids.expand(batch.entries.lead)
    table = pa.table(columns).take(pa.array(row))
    table = table.add_column(0, "lead_id", lead_ids(number))
    return table.append_column("number", pa.array(number))


def identity(batch: Batch) -> dict[str, pa.Array]:
    """Return who the lead is and where it comes from."""
    e = batch.entries
    return {
        "episode": pa.array(e.episode),
        "created_at": moments(e.created),
        "channel": named(CHANNELS, e.channel),
        "source": named(SOURCES, e.source),
        "account_id": numbered("A-", e.account + 1, 6),
        "contact_id": numbered("C-", e.contact + 1, 7),
        "owner": named(OWNERS, e.account % len(OWNERS)),
    }


def company(world: World, batch: Batch) -> dict[str, pa.Array]:
    """Return what the register says about the account."""
    account, accounts = batch.entries.account, world.accounts
    employees, revenue = accounts.employees[account], accounts.revenue[account]
    return {
        "industry": named((*INDUSTRIES, None), accounts.industry[account]),
        "employees": pa.array(employees, mask=employees < 0),
        "revenue": pa.array(np.nan_to_num(revenue).astype(np.int64), mask=np.isnan(revenue)),
        "country": named(COUNTRIES, accounts.country[account]),
        "founded_on": pa.array(accounts.founded[account].astype(np.int32)).cast(pa.date32()),
    }


def person(world: World, batch: Batch) -> dict[str, pa.Array]:
    """Return what the form says about the contact."""
    return {
        "job_title": job_titles(world, batch.entries),
        "email": emails(world, batch.entries),
        "phone": phones(batch.entries),
    }


def form(batch: Batch) -> dict[str, pa.Array]:
    """Return the rest of the form; team size and timeframe with their last value."""
    e, changes = batch.entries, batch.changes
    filled = e.team_shown | (changes.team_at <= batch.last)
    timeframe = np.where(changes.timeframe_at <= batch.last, changes.timeframe, e.timeframe)
    chosen = [
        ";".join(t for i, t in enumerate(TOPICS) if code >> i & 1) or None for code in range(32)
    ]
    return {
        "team_size": pa.array(e.team_size, mask=~filled),
        "timeframe": named(TIMEFRAMES, timeframe),
        "opt_in": pa.array(e.opt_in),
        "topics": named(tuple(chosen), e.topics @ (1 << np.arange(len(TOPICS)))),
        "message": messages(e),
        "initial_score": pa.array(e.initial_score),
    }


def course(batch: Batch, outcome: IntArray, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Return how the lead was worked and what became of it."""
    e, last = batch.entries, batch.last
    attempts = (batch.work.calls <= last[:, None]).sum(axis=1)
    opportunity = batch.fates.opportunity_at
    size = np.array([3_000, 6_000, 14_000, 35_000, 80_000, 6_000])[e.size]
    noise = np.exp(0.5 * rng.standard_normal(len(last)))
    value = np.round(size * (1.0 + e.team) * noise, -2)
    return {
        "first_contact_at": moments(batch.work.calls[:, 0], attempts > 0),
        "attempts": pa.array(attempts),
        "opportunity_at": moments(opportunity, opportunity <= last),
        "outcome": named(OUTCOMES, outcome),
        "outcome_at": moments(batch.fates.outcome_at, outcome > 0),
        "value": pa.array(value, mask=outcome != 2),
    }


def pick(names: tuple[str | None, ...], share: FloatArray, rng: np.random.Generator) -> pa.Array:
    """Draw a name per row from its own shares."""
    steps = np.cumsum(share, axis=1)
    chance = rng.random(len(share))
    return named(names, np.minimum((chance[:, None] > steps).sum(axis=1), len(names) - 1))


def activities_table(deeds: Deeds, ids: Ids) -> pa.Table:
    """Return the activities, each repeated for every id of its lead."""
    row, number = ids.expand(deeds.lead)
    order = np.argsort(number, kind="stable")
    row, number = row[order], number[order]
    kind = deeds.kind[row]
    staff = np.isin(np.array(ALL_KINDS), STAFF_KINDS).astype(np.int64)
    return pa.table(
        {
            "lead_id": by_lead(number),
            "kind": named(ALL_KINDS, kind),
            "occurred_at": moments(deeds.occurred[row]),
            "recorded_at": moments(deeds.recorded[row]),
            "channel": named(MEDIA_NAMES, MEDIUM[kind]),
            "actor": named(("lead", "staff"), staff[kind]),
        }
    )


def by_lead(number: IntArray) -> pa.Array:
    """Return lead ids of sorted numbers, each word made once."""
    distinct, place = np.unique(number, return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), lead_ids(distinct))


def history_table(batch: Batch, full: BoolArray, ids: Ids) -> pa.Table:
    """Return the values of attributes that change, the one at creation included.

    Where `full`, values at creation are written even if they stay: with several episodes of
    a lead, each must find its own.
    """
    e, changes, last = batch.entries, batch.changes, batch.last
    filled, changed = changes.team_at <= last, changes.timeframe_at <= last
    rows = [np.flatnonzero(m) for m in (filled | full, filled, changed | full, changed)]
    value = pa.concat_arrays(
        [
            pa.array(e.team_size[rows[0]], mask=~e.team_shown[rows[0]]).cast(pa.string()),
            pa.array(e.team_size[rows[1]]).cast(pa.string()),
            named(TIMEFRAMES, e.timeframe[rows[2]]).cast(pa.string()),
            named(TIMEFRAMES, changes.timeframe[rows[3]]).cast(pa.string()),
        ]
    )
    times = (e.created, changes.team_at, e.created, changes.timeframe_at)
    at = np.concatenate([time[row] for time, row in zip(times, rows, strict=True)])
    attribute = np.repeat(np.array([0, 0, 1, 1]), [len(row) for row in rows])
    place, number = ids.expand(e.lead[np.concatenate(rows)])
    return pa.table(
        {
            "lead_id": lead_ids(number),
            "attribute": named(("team_size", "timeframe"), attribute[place]),
            "value": value.take(pa.array(place)),
            "changed_at": moments(at[place]),
            "number": pa.array(number),
        }
    )


def oracle_table(batch: Batch, ids: Ids) -> pa.Table:
    """Return the oracle, with a column `number` to sort by."""
    oracle, e = batch.oracle, batch.entries
    row, number = ids.expand(e.lead[oracle.row])
    origin = oracle.row[row]
    day = oracle.snapshot_day[row]
    return pa.table(
        {
            "lead_id": lead_ids(number),
            "episode": pa.array(e.episode[origin]),
            "snapshot_day": pa.array(day),
            "as_of": moments(e.created[origin] + day * SECONDS_A_DAY),
            "probability": pa.array(oracle.probability[row]),
            "probability_with_work": pa.array(oracle.probability_with_work[row]),
            "number": pa.array(number),
        }
    )
