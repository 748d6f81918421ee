"""A few leads that a bundle carries so that every reader can check itself."""

import numpy as np

from features.arrays import FloatArray, IntArray
from features.records import ActivityRecord, LeadRecord
from features.space import FeatureSpace
from training.data.export import Export
from training.snapshots import Snapshots


def spread(value: FloatArray, most: int) -> IntArray:
    """Return positions whose values are spread evenly from the least to the largest."""
    order = np.argsort(value, kind="stable")
    places = np.linspace(0, len(order) - 1, min(most, len(order))).astype(np.int64)
    chosen: IntArray = order[np.unique(places)]
    return chosen


def golden_records(export: Export, space: FeatureSpace, snapshots: Snapshots) -> list[LeadRecord]:
    """Return snapshots as records, without ids and in the stored form of their values.

    A last one knows nothing, as a lead of an almost empty form does.
    """
    leads = export.leads(snapshots.lead, snapshots.as_of)
    records = []
    for row, lead in enumerate(snapshots.lead.tolist()):
        as_of = int(snapshots.as_of[row])
        attributes = {
            spec.name: space.stored(spec.name, leads.attribute(spec.name).at(row))
            for spec in space.attributes
        }
        records.append(
            LeadRecord(
                lead_id=f"golden-{row + 1}",
                as_of=as_of,
                created_at=int(leads.created_at[row]),
                channel=leads.channel.at(row),
                source=leads.source.at(row),
                episode=int(leads.episode[row]),
                attributes=attributes,
                activities=_activities(export, lead, as_of),
            )
        )
    last = records[-1]
    nothing = LeadRecord("golden-empty", last.as_of, last.as_of, None, None, 1, {}, ())
    return [*records, nothing]


def _activities(export: Export, lead: int, as_of: int) -> list[ActivityRecord]:
    table = export.activities
    rows = range(int(table.start[lead]), int(table.stop[lead]))
    known = [
        ActivityRecord(
            str(table.kinds[table.kind[i]]), int(table.occurred_at[i]), int(table.recorded_at[i])
        )
        for i in rows
    ]
    return [one for one in known if max(one.occurred_at, one.recorded_at) <= as_of]
