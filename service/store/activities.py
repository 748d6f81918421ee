"""Activities that come by themselves, each kept once however often it is sent.

They are kept with the episode in which they came, and belong to the lead.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection

from service.store.database import locking, placed

LOCK = "SELECT lead_id FROM leads WHERE lead_id = ? AND episode = ?"
STORED = """SELECT kind, occurred_at, place, episode, activity_id FROM activities
WHERE lead_id = ?"""
ADD = """INSERT INTO activities
(lead_id, episode, kind, occurred_at, place, recorded_at, activity_id, actor)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
NAME = """UPDATE activities SET activity_id = ?
WHERE lead_id = ? AND episode = ? AND kind = ? AND occurred_at = ? AND place = ?"""
Episode: TypeAlias = tuple[str, int]


class NewActivity(NamedTuple):
    """An activity of a known lead; moments in UTC microseconds."""

    lead_id: str
    episode: int
    kind: str
    occurred_at: int
    recorded_at: int
    activity_id: str | None
    actor: str | None


def add_activities(connection: Connection, new: Sequence[NewActivity]) -> dict[Episode, int]:
    """Keep activities that are not kept yet; return how many were new to each lead.

    One with an id is new unless its id is known; where the same was stored without an id, it
    gets this one. One without an id is new unless as many of its kind and moment are known.
    """
    of_lead: dict[Episode, list[NewActivity]] = defaultdict(list)
    for one in new:
        of_lead[one.lead_id, one.episode].append(one)
    return {
        episode: _add(connection, episode, of_lead[episode])
        for episode in sorted(of_lead)  # in one order, so that two services never wait in a ring
    }


def _add(connection: Connection, episode: Episode, new: Sequence[NewActivity]) -> int:
    _run(connection, LOCK + locking(connection.engine), episode)
    ids: set[str] = set()
    places: dict[tuple[str, int], dict[int, tuple[int, str | None]]] = defaultdict(dict)
    for kind, occurred_at, place, number, activity_id in _run(connection, STORED, episode[:1]):
        places[kind, occurred_at][place] = (number, activity_id)
        ids |= {activity_id} - {None}
    sent: Counter[tuple[str, int]] = Counter()
    added = 0
    for one in new:
        content = (one.kind, one.occurred_at)
        known = places[content]
        if one.activity_id is None:
            place = sent[content]
            sent[content] += 1
            if place in known:
                continue
        elif one.activity_id in ids:
            continue
        else:
            ids.add(one.activity_id)
            unnamed = min((at for at, (_, name) in known.items() if name is None), default=None)
            if unnamed is not None:
                number, _ = known[unnamed]
                known[unnamed] = (number, one.activity_id)
                own = (episode[0], number)
                _run(connection, NAME, (one.activity_id, *own, *content, unnamed))
                continue
            place = max(known, default=-1) + 1
        known[place] = (episode[1], one.activity_id)
        row = (*episode, *content, place, one.recorded_at, one.activity_id, one.actor)
        _run(connection, ADD, row)
        added += 1
    return added


def _run(connection: Connection, statement: str, values: Sequence[Any]) -> Any:
    return connection.exec_driver_sql(placed(connection.engine, statement), tuple(values))
