"""From what was learned to the past leads that a bundle carries."""

import json
from collections.abc import Mapping

import numpy as np

from features.activities.table import Activities
from features.arrays import BoolArray, CodeArray, FloatArray, IntArray
from features.attributes.encoder import Encoder, Unreadable
from features.column import Column
from features.leads import Leads
from features.moment import NEVER
from features.space import FeatureSpace
from models.bundle.reference import SLICES, TEST, TRAINING, ReferenceLeads, Window
from training.data.export import OPEN, Export
from training.learn import Learned
from training.slices import NO_SLICE
from training.snapshots import Snapshots

TRAINING_SHARE = 0.25
"""Of the leads kept, at most so many are of the training slice."""


def reference_leads(learned: Learned, export: Export, most: int, seed: int) -> ReferenceLeads:
    """Return past leads, without ids and in the stored form of their values.

    Parameters
    ----------
    most : int
        Where there are more leads, so many are drawn by the seed; each then stands for
        several (`weight`).
    """
    rows, weight = reference_rows(learned, most, seed)
    windows = _windows(learned, export)
    snapshots = learned.snapshots.take(rows)
    probability = np.full(learned.snapshots.n_rows, np.nan)
    probability[learned.out_of_time.rows] = learned.out_of_time.probability
    slice_of = learned.slice_of[rows]
    _, lead = np.unique(snapshots.lead, return_inverse=True)
    _, group = np.unique(export.group[snapshots.lead], return_inverse=True)
    return ReferenceLeads(
        leads=stored_leads(export, snapshots, learned.space),
        activities=_activities(export, snapshots, lead),
        lead=lead.astype(np.int64),
        slice_of=slice_of,
        probability=np.where(slice_of == TRAINING, np.nan, probability[rows]),
        won=snapshots.target == 1.0,
        at_creation=snapshots.at_creation,
        weight=weight * _of_all(learned, windows)[slice_of],
        value=export.value[snapshots.lead],
        group=group.astype(np.int64),
        rank=np.random.default_rng(seed).random(int(lead.max(initial=-1)) + 1)[lead],
        windows=windows,
    )


def reference_rows(learned: Learned, most: int, seed: int) -> tuple[IntArray, FloatArray]:
    """Return the mature rows that are reference leads, and how many each lead stands for."""
    used = np.flatnonzero(learned.slice_of != NO_SLICE)
    kept, weight = drawn(learned.snapshots.lead[used], learned.slice_of[used], most, seed)
    return used[kept], weight


def tested_rows(learned: Learned, most: int, seed: int) -> IntArray:
    """Return the mature rows that are reference leads of the test, in their order."""
    rows, _ = reference_rows(learned, most, seed)
    tested: IntArray = rows[learned.slice_of[rows] == TEST]
    return tested


def stored_leads(export: Export, snapshots: Snapshots, space: FeatureSpace) -> Leads:
    """Return snapshots with channel, source and attributes in their stored form."""
    leads = export.leads(snapshots.lead, snapshots.as_of)
    names = [spec.name for spec in space.attributes]
    return Leads(
        as_of=leads.as_of,
        created_at=leads.created_at,
        channel=stored_column(leads.channel, space.encoder("channel")),
        source=stored_column(leads.source, space.encoder("source")),
        episode=leads.episode,
        attributes={n: stored_column(leads.attribute(n), space.encoder(n)) for n in names},
    )


def stored_column(column: Column, encoder: Encoder) -> Column:
    """Return a column with each stored value once, in the order of rows."""
    used, codes = np.unique(column.codes, return_inverse=True)
    places: dict[str, int] = {}
    values: list[object] = []
    place_of = []
    for raw in used.tolist():
        value = _stored_value(encoder, column.values[raw])
        place = places.setdefault(json.dumps(value, sort_keys=True), len(values))
        if place == len(values):
            values.append(value)
        place_of.append(place)
    return Column(values, np.array(place_of, dtype=np.int32)[codes])


def _stored_value(encoder: Encoder, value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    try:
        meaning = encoder.read(value)
    except Unreadable:
        return None
    return None if meaning is None else encoder.stored(meaning)


def _activities(export: Export, snapshots: Snapshots, lead: IntArray) -> Activities:
    """Return what the leads did up to their last row, the rows of a lead sharing it."""
    table = export.activities
    first = np.flatnonzero(np.diff(lead, prepend=-1) != 0)
    last = np.append(first[1:], len(lead)) - 1
    own = snapshots.lead[first]
    start, stop = table.start[own], table.stop[own]
    counts = stop - start
    of_lead = np.repeat(np.arange(len(own)), counts)
    place = np.arange(len(of_lead)) - np.repeat(np.cumsum(counts) - counts, counts)
    chosen = start[of_lead] + place
    known_at = np.maximum(table.occurred_at[chosen], table.recorded_at[chosen])
    known = known_at <= snapshots.as_of[last][of_lead]
    chosen, of_lead = chosen[known], of_lead[known]
    kept = np.bincount(of_lead, minlength=len(own))
    ends = np.cumsum(kept)
    return Activities(
        tuple(map(str, table.kinds)),
        table.kind[chosen],
        table.occurred_at[chosen],
        table.recorded_at[chosen],
        (ends - kept)[lead],
        ends[lead],
    )


def drawn(
    lead: IntArray, slice_of: CodeArray, most: int, seed: int
) -> tuple[BoolArray, FloatArray]:
    """Return which rows are kept, all of a lead or none, and how many each lead stands for."""
    leads, first, row = np.unique(lead, return_index=True, return_inverse=True)
    teaching = slice_of[first] == TRAINING
    order = np.random.default_rng(seed).permutation(len(leads))
    judging = min(int((~teaching).sum()), max(most - int(teaching.sum()), _most_judging(most)))
    kept = np.zeros(len(leads), dtype=np.bool_)
    weight = np.ones(len(leads))
    for part, count in ((~teaching, judging), (teaching, most - judging)):
        own = order[part[order]]
        kept[own[:count]] = True
        weight[own] = max(1.0, len(own) / max(1, count))
    return kept[row], weight[row][kept[row]]


def _of_all(learned: Learned, windows: Mapping[str, Window]) -> FloatArray:
    """Return how many leads came for each that a slice has."""
    first = learned.slice_of[learned.snapshots.at_creation]
    counts = [max(1, int((first == number).sum())) for number in range(len(SLICES))]
    came = [windows[name].leads if name in windows else 1 for name in SLICES]
    return np.array(came) / np.array(counts)


def _most_judging(most: int) -> int:
    return round((1.0 - TRAINING_SHARE) * most)


def _windows(learned: Learned, export: Export) -> Mapping[str, Window]:
    """Return when the leads of each slice came, and how many came then, learned from or not."""
    windows = {}
    for number, name in enumerate(SLICES):
        rows = learned.snapshots.at_creation & (learned.slice_of == number)
        lead = learned.snapshots.lead[rows]
        if len(lead):
            created = export.created_at[lead]
            came = len(lead) if number == TRAINING else _came_with(lead, export)
            windows[name] = Window(int(created.min()), int(created.max()), came)
    return windows


def _came_with(lead: IntArray, export: Export) -> int:
    """Return how many leads came in the time of some, these included."""
    dated = export.data_end != NEVER
    order = export.created_at if dated else export.order
    usable = (export.created_at != NEVER) if dated else (export.outcome != OPEN)
    own = order[lead]
    return int((usable & (order >= own.min()) & (order <= own.max())).sum())
