"""What the store knows of leads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import from_json
from sqlalchemy import Connection

from features.moment import NEVER
from service.exploration import Arm
from service.store.database import Reader, gathered, placed

AT_ONCE = 400
LEADS = """SELECT lead_id, episode, created_at, channel, source, account_id, contact_id,
attributes, decided_as_of, decision_id, probability, score, label, handed_over_at,
outcome, outcome_at, arm,
(SELECT {gathered} FROM activities WHERE activities.lead_id = leads.lead_id)
FROM leads WHERE lead_id IN (%s)"""
ACTIVITY = "occurred_at, kind, place, recorded_at"
Wanted: TypeAlias = tuple[str, int | None]
"""A lead and the episode meant, None for the newest."""
Placed: TypeAlias = tuple[str, int, int, int]
"""Kind, `occurred_at`, place among those of the same kind and moment, `recorded_at`."""


class KnownLead(NamedTuple):
    """One episode of a lead as it was last known; moments in UTC microseconds.

    Parameters
    ----------
    attributes : mapping of str to (value, known_at)
        Stored forms as JSON, since most are not looked at.
    activities : sequence of (kind, occurred_at, place, recorded_at)
        Those of all the lead's episodes, by time.
    decided_as_of : int or None
        Moment that the last decision looked at; what it decided follows.
    handed_over_at : int
        When the lead was handed over to sales, who have not answered yet; `NEVER` else.
    outcome, outcome_at
        How the episode was closed, and when; None while it is open.
    arm : "agreement", "holdout" or None
        Drawn when it was new, where some leads are held out of the agreement.
    """

    lead_id: str
    episode: int
    created_at: int
    channel: str | None
    source: str | None
    account_id: str | None
    contact_id: str | None
    attributes: Mapping[str, tuple[str, int]]
    activities: Sequence[Placed]
    decided_as_of: int | None
    decision_id: str | None
    probability: float | None
    score: int | None
    label: str | None
    handed_over_at: int
    outcome: str | None
    outcome_at: int | None
    arm: Arm | None = None


def read_known(
    connection: Connection | Reader, wanted: Sequence[Wanted]
) -> dict[Wanted, KnownLead]:
    """Return what is known of some leads; those that are not known are left out."""
    rows: dict[str, dict[int, Any]] = defaultdict(dict)
    leads = LEADS.format(gathered=gathered(connection.engine, ACTIVITY))
    for some in _parts(sorted({lead_id for lead_id, _ in wanted})):
        for row in _run(connection, leads % ", ".join("?" * len(some)), some):
            rows[row[0]][row[1]] = row
    found = {}
    for lead_id, episode in dict.fromkeys(wanted):
        episodes = rows.get(lead_id, {})
        number = max(episodes, default=0) if episode is None else episode
        if number in episodes:
            found[lead_id, episode] = _known(episodes[number])
    return found


def _known(row: Any) -> KnownLead:
    attributes = from_json(row[7])
    deeds = sorted(from_json(row[17] or "[]"))
    activities = [(kind, at, place, recorded_at) for at, kind, place, recorded_at in deeds]
    handed_over_at = NEVER if row[13] is None else row[13]
    return KnownLead._make(
        (*row[:7], attributes, activities, *row[8:13], handed_over_at, *row[14:17])
    )


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _run(connection: Connection | Reader, statement: str, values: Sequence[Any]) -> Any:
    return connection.exec_driver_sql(placed(connection.engine, statement), tuple(values))
