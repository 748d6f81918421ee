"""What happened to leads of a sample export, read from its files and moved to end now."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from features.moment import DAY
from service.exporting.mapping_text import column_of
from service.importing.row import Row, episode_in, id_in, moment_in, number_in
from service.importing.table import read_rows
from service.store.outcomes import Outcome

DAYS = 182
WEEK = 7 * DAY
PREFIX = "sample-"
"""No lead of a CRM is likely to be called so; which leads are the sample's, the store says."""
STAFF = {"call_logged": "phone", "email_sent": "email"}
"""What our own people did: no sign of intent, but attempts to reach the lead."""
NOTES = {
    "no answer": "cannot_be_reached",
    "no budget": "no_budget",
    "wrong person": "wrong_person",
}
"""What the sample's sales people noted of a lead, as the code of a rejection."""


class Deed(NamedTuple):
    """What a lead did, or our own people did about it; `recorded_at` is when it became known."""

    kind: str
    occurred_at: int
    recorded_at: int


@dataclass(slots=True)
class Course:
    """One episode of a lead, and all that came of it; moments in UTC microseconds.

    Parameters
    ----------
    lead_id, episode
    created_at : int
    told : mapping
        Channel, source, account, contact and owner.
    attributes : mapping
        What was known of it when it came in, as the export has it.
    changes : list of (moment, attribute, value)
        What became known of it later.
    deeds, attempts : list of Deed
        What it did, and what our people did about it.
    outcomes : list of Outcome
    note : str
        What sales noted of it in the end.
    """

    lead_id: str
    episode: int
    created_at: int
    told: Mapping[str, str | None]
    attributes: Mapping[str, str]
    outcomes: Sequence[Outcome]
    note: str
    changes: list[tuple[int, str, str]] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    attempts: list[Deed] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, int]:
        """The lead's episode."""
        return self.lead_id, self.episode

    @property
    def came_out(self) -> str | None:
        """Return "won" or "lost", None while it is open."""
        return next((one.outcome for one in self.outcomes if one.outcome != "opportunity"), None)

    @property
    def closed_at(self) -> int | None:
        """Return when it came out, None while it is open."""
        return next((one.at for one in self.outcomes if one.outcome != "opportunity"), None)

    def known(self, at: int) -> dict[str, str]:
        """Return the attributes as they were known at a moment."""
        later = {name: value for changed, name, value in self.changes if changed <= at}
        return {name: value for name, value in {**self.attributes, **later}.items() if value}


def read_courses(folder: Path, names: Sequence[str], now: int) -> list[Course]:
    """Return the leads of the last months of a sample export, as if it ended now.

    All moments move by whole weeks, so that days of the week and hours stay; what comes out
    later than now has not happened.

    Parameters
    ----------
    names : sequence of str
        Attributes that the model knows.

    Raises
    ------
    SchemaError
        When a file cannot be read or is not what was expected.
    """
    rows = [one for group in read_rows(folder / "leads.csv", ("lead_id",)) for one in group]
    end = max((created_of(row, place) for place, row in rows), default=now)
    moved = -((end - now) // WEEK) * WEEK
    courses: dict[str, list[Course]] = defaultdict(list)
    for place, row in rows:
        created_at = created_of(row, place) + moved
        if now - DAYS * DAY <= created_at <= now:
            course = course_of(row, place, (created_at, moved, now), names)
            courses[course.lead_id].append(course)
    for lead_id, change in _changes(folder / "history.csv", moved, now):
        for course in _at(courses.get(lead_id, ()), change[0]):
            course.changes.append(change)
    for lead_id, deed in _deeds(folder / "activities.csv", moved, now):
        for course in _at(courses.get(lead_id, ()), deed.recorded_at):  # some were before it
            (course.attempts if deed.kind in STAFF else course.deeds).append(deed)
    return [course for episodes in courses.values() for course in episodes]


def created_of(row: Row, place: str) -> int:
    """Return when a lead of the file came in."""
    at = moment_in(row, "created_at", place)
    return 0 if at is None else at


def course_of(row: Row, place: str, moments: tuple[int, int, int], names: Sequence[str]) -> Course:
    """Return a row as a course, with the outcomes that have come by now."""
    created_at, moved, now = moments
    lead_id, episode = PREFIX + id_in(row, "lead_id", place), episode_in(row, place)
    outcomes = []
    for what, column in (("opportunity", "opportunity_at"), (row.get("outcome"), "outcome_at")):
        at = moment_in(row, column, place)
        if at is None or at + moved > now or what not in ("opportunity", "won", "lost"):
            continue
        value = number_in(row, "value", place) if what == "won" else None
        outcomes.append(Outcome(lead_id, episode, what, at + moved, value, False, at + moved, None))
    whose = ("channel", "source", "account_id", "contact_id", "owner")
    return Course(
        lead_id,
        episode,
        created_at,
        {name: row.get(name) or None for name in whose},
        {name: row.get(column_of(name)) or "" for name in names},
        outcomes,
        row.get("sales_stage_note") or "",
    )


def request_of(course: Course, as_of: int, at: Any) -> dict[str, Any]:
    """Return what a CRM would send of a lead at a moment.

    Parameters
    ----------
    at : callable
        From UTC microseconds to the text of a moment.
    """
    deeds = [
        {
            "kind": deed.kind,
            "occurred_at": at(deed.occurred_at),
            "recorded_at": at(deed.recorded_at),
        }
        for deed in course.deeds
        if deed.recorded_at <= as_of
    ]
    return {
        "lead_id": course.lead_id,
        "episode": course.episode,
        "as_of": at(as_of),
        "created_at": at(course.created_at),
        **course.told,
        "attributes": course.known(as_of),
        "activities": deeds,
    }


def _at(episodes: Sequence[Course], at: int) -> Iterator[Course]:
    """Yield the episode that something belongs to: the last one that had begun."""
    begun = [course for course in episodes if course.created_at <= at]
    if begun:
        yield max(begun, key=lambda course: course.created_at)


def _changes(file: Path, moved: int, now: int) -> Iterator[tuple[str, tuple[int, str, str]]]:
    for group in read_rows(file, ("lead_id", "attribute", "value", "changed_at")):
        for place, row in group:
            at = moment_in(row, "changed_at", place)
            if at is not None and now - DAYS * DAY <= at + moved <= now:
                yield PREFIX + row["lead_id"], (at + moved, row["attribute"], row["value"])


def _deeds(file: Path, moved: int, now: int) -> Iterator[tuple[str, Deed]]:
    for group in read_rows(file, ("lead_id", "kind", "occurred_at", "recorded_at")):
        for place, row in group:
            at = moment_in(row, "occurred_at", place)
            known = moment_in(row, "recorded_at", place)
            if at is None:
                continue
            recorded_at = (at if known is None else known) + moved
            if now - DAYS * DAY <= recorded_at <= now:
                yield PREFIX + row["lead_id"], Deed(row["kind"], at + moved, recorded_at)
