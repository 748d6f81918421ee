"""Whether a lead's score rises or falls."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from features.moment import DAY

Trend: TypeAlias = Literal["rising", "steady", "falling", "not enough information"]
SPAN_DAYS = 7
LEAST_DAYS = 1
LEAST_POINTS = 3
"""As many points as labels are slow to change by."""


class Scored(NamedTuple):
    """A score and the moment that it is about, in UTC microseconds."""

    as_of: int
    score: int


def trend_of(scores: Sequence[Scored]) -> Trend:
    """Return where a lead's score is going: the newest one beside that of a week before.

    The score of a week before is the last one that is at least so old, else the oldest.

    Examples
    --------
    >>> trend_of([Scored(0, 50), Scored(3 * DAY, 56)])
    'rising'
    >>> trend_of([Scored(0, 50)])
    'not enough information'
    """
    ordered = sorted(scores)
    if not ordered or ordered[-1].as_of - ordered[0].as_of < LEAST_DAYS * DAY:
        return "not enough information"
    newest = ordered[-1]
    before = [one for one in ordered if newest.as_of - one.as_of >= SPAN_DAYS * DAY]
    change = newest.score - (before[-1] if before else ordered[0]).score
    if abs(change) < LEAST_POINTS:
        return "steady"
    return "rising" if change > 0 else "falling"
