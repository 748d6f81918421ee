"""The months of the sample are lived through again, day by day, as a service would have."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from features.moment import DAY, to_datetime
from service.api.answer import iso
from service.api.asked import Asked, asked_of
from service.api.deciding import answer_asked
from service.api.keep import decided
from service.api.read import record_of
from service.api.schemas import ScoreRequest
from service.context import RequestContext
from service.parts import Parts
from service.sample.course import Course, Deed, request_of
from service.sample.told import contacts_of, verdict_of
from service.store.contacts import Contact, add_contact
from service.store.content import written
from service.store.feedback import Feedback, add_feedback
from service.store.outcomes import Outcome, add_outcome
from service.store.sample import mark_sample

LOOKED_AT = (0, 1, 3, 7, 14, 30, 60)
"""Days after its creation on which an open lead is scored, besides those on which it did
something."""
HANDED_OVER = ("MQL", "SQL")
BY_SAMPLE = RequestContext("sample", None, "en")


class Filled(NamedTuple):
    """What came into the store."""

    leads: int = 0
    decisions: int = 0
    verdicts: int = 0
    attempts: int = 0
    outcomes: int = 0


class Wait:
    """Whether a lead waits for sales, since when, and with which label.

    Parameters
    ----------
    label : str or None
        The last one.
    since : int or None
        When it was handed over; None where it waits no longer.
    """

    def __init__(self) -> None:
        self.label: str | None = None
        self.since: int | None = None
        self.judged = False

    def take(self, label: str, at: int) -> None:
        """Take up a decision."""
        if label not in HANDED_OVER:
            self.since = None
        elif label != self.label and not self.judged:
            self.since = at
        self.label = label


def fill(parts: Parts, courses: Sequence[Course], now: int) -> Filled:
    """Keep what happened to leads, and what would have been decided of them at the time.

    Parameters
    ----------
    now : int
        UTC microseconds.

    Raises
    ------
    StoreError
        When it could not be kept.
    """
    days = defaultdict(list)
    for course in courses:
        for at in looked_at(course, now):
            days[at // DAY].append((at, course))
    said: dict[int, list[tuple[Course, Contact | Outcome]]] = defaultdict(list)
    for course in courses:
        events: list[Contact | Outcome] = [*contacts_of(course), *course.outcomes]
        for told in events:
            said[told.at // DAY].append((course, told))
    parts.require_store().changing(partial(mark_sample, ids=[one.lead_id for one in courses]))
    waits: dict[tuple[str, int], Wait] = defaultdict(Wait)
    done = Filled(leads=len(courses))
    for day in sorted({*days, *said}):
        decisions = decide_day(parts, sorted(days[day], key=lambda one: one[0]), waits)
        verdicts = tell_day(parts, said[day], waits, now)
        counts = [sum(isinstance(one, kind) for _, one in said[day]) for kind in (Contact, Outcome)]
        done = Filled(
            done.leads,
            done.decisions + decisions,
            done.verdicts + verdicts,
            done.attempts + counts[0],
            done.outcomes + counts[1],
        )
    return done


def looked_at(course: Course, now: int) -> list[int]:
    """Return the moments at which a lead is scored: at most one a day, until it came out."""
    until = min(now, course.closed_at or now)
    moments = [course.created_at + day * DAY for day in LOOKED_AT]
    moments += [deed.recorded_at for deed in course.deeds]
    moments += [at for at, _, _ in course.changes]
    last = {}
    for at in sorted(moments):
        if course.created_at < at <= until:
            last[at // DAY] = at
    return sorted({course.created_at, *last.values()})


def decide_day(
    parts: Parts,
    looked: Sequence[tuple[int, Course]],
    waits: dict[tuple[str, int], Wait],
) -> int:
    """Score the leads of a day, each as of its own moment; return how many decisions were kept."""
    first: dict[tuple[str, int], list[tuple[int, Course]]] = defaultdict(list)
    for at, course in looked:
        first[course.key].append((at, course))
    kept = 0
    while first:  # who is looked at twice on the day of its creation comes a second time
        kept += decide(parts, [some.pop(0) for some in first.values()], waits)
        first = defaultdict(list, {key: some for key, some in first.items() if some})
    return kept


def decide(
    parts: Parts,
    looked: Sequence[tuple[int, Course]],
    waits: dict[tuple[str, int], Wait],
) -> int:
    """Score leads, and keep the decisions in one group."""
    store, served = parts.require_store(), parts.holder.served
    known = store.known([course.key for _, course in looked])
    asked: list[Asked] = []
    for at, course in looked:
        lead = ScoreRequest.model_validate(request_of(course, at, text_of))
        sent = record_of(lead, moment(at))
        asked.append(asked_of(lead, sent, known.get(course.key), served.agreement))
    now = moment(max(at for at, _ in looked))
    answered = answer_asked(parts, served, asked, [BY_SAMPLE.language] * len(asked), now)
    made = []
    for (at, course), question, answer in zip(looked, asked, answered, strict=True):
        one = decided(served, question, answer.body, BY_SAMPLE, moment(at))
        one.answer["scored_at"] = text_of(at)
        one.answer["decision_id"], one.answer["recorded"] = parts.ids.new(at), True
        waits[course.key].take(answer.body["label"], at)
        made.append(written(one))
    store.write(made)
    return len(made)


def tell_day(
    parts: Parts,
    said: Sequence[tuple[Course, Contact | Outcome]],
    waits: dict[tuple[str, int], Wait],
    now: int,
) -> int:
    """Keep what people did and said on a day; return how many verdicts there were."""
    changes: list[Callable[[Connection], object]] = []
    verdicts = 0
    for course, told in sorted(said, key=lambda one: one[1].at):
        wait = waits[course.key]
        if isinstance(told, Outcome):
            changes.append(partial(add_outcome, new=told))
            wait.judged, wait.since = True, None
            continue
        changes.append(partial(add_contact, new=told))
        for verdict in verdicts_after(course, told, wait, now):
            changes.append(partial(add_feedback, new=verdict))
            wait.judged, wait.since = True, None
            verdicts += 1

    def change(connection: Connection) -> None:
        for make in changes:
            make(connection)

    parts.require_store().changing(change)
    return verdicts


def verdicts_after(course: Course, told: Contact, wait: Wait, now: int) -> Iterator[Feedback]:
    """Yield what sales say after an attempt to reach a lead that waits for them."""
    if wait.since is None or wait.since > told.at:
        return
    deed: Deed = next(one for one in course.attempts if one.occurred_at == told.at)
    verdict = verdict_of(course, deed, now)
    if verdict is not None and verdict.at >= wait.since:
        yield verdict


def moment(at: int) -> datetime:
    """Return UTC microseconds as a datetime."""
    found = to_datetime(at)
    assert found is not None, "moments of the sample are known"
    return found


def text_of(at: int) -> str:
    """Return UTC microseconds as text."""
    return iso(moment(at))
