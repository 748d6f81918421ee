"""A decision made again from what was kept of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from features.records import ActivityRecord, LeadRecord

SAME = ("probability", "score", "label", "grade", "evidence", "ledger", "missing", "basis")
"""What must come out again, besides the reasons' points; words depend on the language."""
TOLERANCE = 1e-12
"""Between processors of different types; on one type everything is equal to the bit."""


class Difference(NamedTuple):
    """A place where a decision came out otherwise."""

    place: str
    was: Any
    now: Any


def snapshot_record(lead_id: str, lead: Mapping[str, Any]) -> LeadRecord:
    """Return the lead as it was seen.

    Parameters
    ----------
    lead : mapping
        What was kept: stored forms, moments in UTC microseconds.
    """
    return LeadRecord(
        lead_id,
        lead["as_of"],
        lead["created_at"],
        lead["channel"],
        lead["source"],
        lead["episode"],
        lead["attributes"],
        [ActivityRecord(*activity) for activity in lead["activities"]],
    )


def differences(
    was: Mapping[str, Any], now: Mapping[str, Any], tolerance: float
) -> list[Difference]:
    """Return where two answers about a lead differ.

    Parameters
    ----------
    tolerance : float
        Between numbers; 0 where they must be equal to the bit.

    Examples
    --------
    >>> lead = {"score": 50, "reasons": [], "ledger": {"start": 50.0}}
    >>> differences(lead, lead | {"ledger": {"start": 51.0}}, 0.0)
    [Difference(place='ledger.start', was=50.0, now=51.0)]
    """
    return _between("", _told(was), _told(now), tolerance)


def _told(answer: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: answer.get(name) for name in SAME}
    told["reasons"] = [
        {name: reason[name] for name in ("about", "points")} for reason in answer["reasons"]
    ]
    return told


def _between(place: str, was: Any, now: Any, tolerance: float) -> list[Difference]:
    if isinstance(was, Mapping) and isinstance(now, Mapping) and was.keys() == now.keys():
        names: Sequence[Any] = list(was)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        names = range(len(was))
    else:
        return [] if _same(was, now, tolerance) else [Difference(place, was, now)]
    found = []
    for name in names:
        inside = f"{place}.{name}" if place else str(name)
        found += _between(inside, was[name], now[name], tolerance)
    return found


def _same(was: Any, now: Any, tolerance: float) -> bool:
    if isinstance(was, float) and isinstance(now, float):
        return abs(was - now) <= tolerance * max(1.0, abs(was))
    return bool(was == now)
