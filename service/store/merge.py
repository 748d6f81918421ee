"""A request about a known lead, together with what is stored."""

from collections.abc import Sequence

from pydantic_core import from_json

from features.records import ActivityRecord, LeadRecord
from service.store.known import KnownLead, Placed


def merged(sent: LeadRecord, known: KnownLead, new: Sequence[Placed]) -> LeadRecord:
    """Return a lead as it is known once a request is taken up.

    What is sent counts before what is stored, but for the moment of creation, channel and
    source, of which the first known ones stay. What became known after the moment that is
    looked at is left out, and so are activities that were stored already.

    Parameters
    ----------
    sent : LeadRecord
        The request's.
    known : KnownLead
        What is stored.
    new : sequence of (kind, occurred_at, place, recorded_at)
        The activities that are sent and not stored.
    """
    stored = {
        name: from_json(value)
        for name, (value, known_at) in known.attributes.items()
        if known_at <= sent.as_of and name not in sent.attributes
    }
    return LeadRecord(
        sent.lead_id,
        sent.as_of,
        known.created_at,
        sent.channel if known.channel is None else known.channel,
        sent.source if known.source is None else known.source,
        known.episode,
        {**stored, **sent.attributes},
        [
            ActivityRecord(kind, occurred_at, recorded_at)
            for kind, occurred_at, _, recorded_at in (*known.activities, *new)
        ],
    )


def not_stored(sent: Sequence[ActivityRecord], stored: Sequence[Placed]) -> list[Placed]:
    """Return the activities that are sent and not stored.

    Two of the same kind and moment are two only where one request, or the store, has both.
    """
    known = {(kind, occurred_at, place) for kind, occurred_at, place, _ in stored}
    return [one for one in placed_activities(sent) if one[:3] not in known]


def placed_activities(activities: Sequence[ActivityRecord]) -> list[Placed]:
    """Return activities, each with its place among those of the same kind and moment."""
    seen: dict[tuple[str, int], int] = {}
    placed = []
    for kind, occurred_at, recorded_at in activities:
        key = (kind, occurred_at)
        place = seen.get(key, 0)
        seen[key] = place + 1
        placed.append((kind, occurred_at, place, recorded_at))
    return placed
