"""Single leads as they come by HTTP or JSON, and the columns made from them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np

from features.activities.table import Activities, no_activities
from features.arrays import CodeArray, IntArray, MomentArray
from features.attributes.date import date_in
from features.attributes.encoder import Unreadable
from features.column import Column
from features.errors import SchemaError
from features.leads import Leads
from features.moment import NEVER, to_datetime, to_moment


class ActivityRecord(NamedTuple):
    """One activity; moments in UTC microseconds."""

    kind: str
    occurred_at: int
    recorded_at: int


class LeadRecord(NamedTuple):
    """One lead as of one moment; moments in UTC microseconds."""

    lead_id: str
    as_of: int
    created_at: int
    channel: object
    source: object
    episode: int
    attributes: Mapping[str, object]
    activities: Sequence[ActivityRecord]


def assemble(records: Sequence[LeadRecord]) -> tuple[Leads, Activities]:
    """Return records as columns.

    Examples
    --------
    >>> record = LeadRecord("L-1", 0, 0, "web", None, 1, {"size": 3}, ())
    >>> assemble([record])[0].attribute("size").rows()
    [3]
    """
    codes = np.arange(len(records), dtype=np.int32)
    facts = (
        [record.as_of for record in records],
        [record.created_at for record in records],
        [record.episode for record in records],
    )
    as_of, created_at, episode = np.array(facts, dtype=np.int64)
    leads = Leads(
        as_of,
        created_at,
        Column([record.channel for record in records], codes),
        Column([record.source for record in records], codes),
        episode,
        {name: Column(values, codes) for name, values in _attributes(records)},
    )
    return leads, _activities(records)


def _attributes(records: Sequence[LeadRecord]) -> Iterable[tuple[str, Sequence[object]]]:
    """Return the values of each attribute that a record has."""
    if len(records) == 1:
        return ((name, (value,)) for name, value in records[0].attributes.items())
    attributes = [record.attributes for record in records]
    names = dict.fromkeys(chain.from_iterable(attributes))
    return ((name, [lead.get(name) for lead in attributes]) for name in names)


def _activities(records: Sequence[LeadRecord]) -> Activities:
    rows = [
        (lead, activity.occurred_at, activity.kind, activity.recorded_at)
        for lead, record in enumerate(records)
        for activity in record.activities
    ]
    if not rows:
        return no_activities(len(records))
    rows.sort()
    _, occurred_at, kinds, recorded_at = zip(*rows, strict=True)
    places: dict[str, int] = {}
    kind = [places.setdefault(name, len(places)) for name in kinds]
    moments = np.array((occurred_at, recorded_at), dtype=np.int64)
    stop = list(accumulate(len(record.activities) for record in records))
    bounds = np.array(([0, *stop[:-1]], stop), dtype=np.int64)
    return Activities(list(places), np.array(kind, dtype=np.int32), *moments, *bounds)


def sort_activities(
    lead: IntArray, kind: Column, occurred_at: MomentArray, recorded_at: MomentArray, n_leads: int
) -> Activities:
    """Return activities in any order as a table sorted by lead and time.

    Parameters
    ----------
    lead : array of shape (n_activities,)
        Row of the lead, in [0, n_leads).
    kind : Column
        Names of kinds; a kind that is missing is called "".
    """
    order = np.lexsort((kind.codes, occurred_at, lead))
    counts = np.bincount(lead, minlength=n_leads)
    stop = np.cumsum(counts)
    codes: CodeArray = kind.codes[order]
    return Activities(
        ["" if value is None else str(value) for value in kind.values],
        codes,
        occurred_at[order],
        recorded_at[order],
        stop - counts,
        stop,
    )


def record_to_json(record: LeadRecord) -> dict[str, Any]:
    """Return a record as JSON, moments in ISO form.

    Examples
    --------
    >>> record_to_json(LeadRecord("L-1", 0, 0, "web", None, 1, {}, ()))["as_of"]
    '1970-01-01T00:00:00+00:00'
    """
    return {
        "lead_id": record.lead_id,
        "as_of": _iso(record.as_of),
        "created_at": _iso(record.created_at),
        "channel": record.channel,
        "source": record.source,
        "episode": record.episode,
        "attributes": dict(record.attributes),
        "activities": [
            {
                "kind": activity.kind,
                "occurred_at": _iso(activity.occurred_at),
                "recorded_at": _iso(activity.recorded_at),
            }
            for activity in record.activities
        ],
    }


def record_from_json(data: Mapping[str, Any]) -> LeadRecord:
    """Return the record that JSON holds; a missing `created_at` is `as_of`.

    Raises
    ------
    SchemaError
        When a moment cannot be read or an activity has no kind or moment.
    """
    as_of = _moment(data.get("as_of"), "as_of")
    created_at = data.get("created_at")
    return LeadRecord(
        lead_id=str(data.get("lead_id", "")),
        as_of=as_of,
        created_at=as_of if created_at is None else _moment(created_at, "created_at"),
        channel=data.get("channel"),
        source=data.get("source"),
        episode=int(data.get("episode") or 1),
        attributes=data.get("attributes") or {},
        activities=[
            _activity(activity, f"activities[{i}]")
            for i, activity in enumerate(data.get("activities") or ())
        ],
    )


def _activity(data: Mapping[str, Any], where: str) -> ActivityRecord:
    if not isinstance(data.get("kind"), str):
        raise SchemaError(f"{where}.kind: expected the name of a kind of activity")
    if data.get("occurred_at") is None:
        raise SchemaError(f"{where}.occurred_at: expected a date and time")
    occurred_at = _moment(data["occurred_at"], f"{where}.occurred_at")
    recorded_at = data.get("recorded_at")
    return ActivityRecord(
        data["kind"],
        occurred_at,
        occurred_at if recorded_at is None else _moment(recorded_at, f"{where}.recorded_at"),
    )


def _iso(moment: int) -> str | None:
    at = to_datetime(moment)
    return None if at is None else at.isoformat()


def _moment(value: object, where: str) -> int:
    if value is None:
        return NEVER
    if isinstance(value, datetime):
        return to_moment(value)
    try:
        return to_moment(date_in(str(value)))
    except Unreadable:
        raise SchemaError(
            f"{where}: expected a date and time such as 2026-03-02T09:30:00Z"
        ) from None
