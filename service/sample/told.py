"""What sales people of the sample say and do about leads, as its CRM has it."""

from collections.abc import Iterator

from features.moment import MINUTE
from service.sample.course import NOTES, STAFF, Course, Deed
from service.store.contacts import Contact
from service.store.feedback import Feedback

HOUR = 60 * MINUTE
UNREACHED = "cannot_be_reached"
WORKED = 2
"""After so many attempts a lead that is still open is being worked."""


def contacts_of(course: Course) -> Iterator[Contact]:
    """Yield the attempts to reach a lead.

    Whom sales noted as not answering was never reached; others are reached by the second call,
    or by the only one.
    """
    calls = [one for one in course.attempts if one.kind == "call_logged"]
    second = calls[min(1, len(calls) - 1)].occurred_at if calls else None
    answers = NOTES.get(course.note) != UNREACHED
    for one in course.attempts:
        means, at = STAFF[one.kind], one.occurred_at
        reached = answers and means == "phone" and second is not None and at >= second
        yield Contact(course.lead_id, course.episode, at, means, reached, one.recorded_at)


def verdict_of(course: Course, after: Deed, now: int) -> Feedback | None:
    """Return what sales say of a lead after an attempt to reach it; None: nothing yet.

    A lead that came to something was accepted at the first attempt; one that was given up, or
    about which something speaks, was rejected after the last one.
    """
    is_last = after == course.attempts[-1]
    at = min(after.occurred_at + HOUR, *(one.at for one in course.outcomes), now)
    good = any(one.outcome != "lost" for one in course.outcomes)
    if good:
        return _said(course, at, None)
    code = NOTES.get(course.note)
    if course.came_out is None:
        worked = is_last and len(course.attempts) >= WORKED
        if code is None or code == UNREACHED:
            return _said(course, at, None) if worked and code is None else None
        return _said(course, at, code) if is_last else None
    idle = course.known(at).get("timeframe") == "just looking"
    return _said(course, at, code or ("no_time_frame" if idle else "no_need")) if is_last else None


def _said(course: Course, at: int, code: str | None) -> Feedback:
    return Feedback(course.lead_id, course.episode, None, code is None, code, None, at, at)
