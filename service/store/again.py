"""A lead that was lost and asks again: a new episode of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from features.moment import NEVER
from features.records import LeadRecord
from service.store.known import KnownLead, Placed


def asks_again(
    sent: LeadRecord,
    known: KnownLead,
    new: Sequence[Placed],
    asking: Mapping[str, int],
    *,
    came_in: bool,
) -> int | None:
    """Return when a lost lead asked again, in UTC microseconds; None where it did not.

    Parameters
    ----------
    sent, known : LeadRecord, KnownLead
        The request's lead, and the episode that is stored.
    new : sequence of (kind, occurred_at, place, recorded_at)
        The activities that are sent and not stored.
    asking : mapping of str to int
        How many activities of a kind it takes to ask.
    came_in : bool
        Whether the request says itself when the lead came in.
    """
    if known.outcome != "lost" or known.outcome_at is None or sent.as_of <= known.outcome_at:
        return None
    if came_in and sent.created_at > known.outcome_at:
        return sent.created_at
    since: dict[str, list[int]] = defaultdict(list)
    for kind, occurred_at, _, recorded_at in (*known.activities, *new):
        if kind in asking and occurred_at > known.outcome_at and recorded_at <= sent.as_of:
            since[kind].append(occurred_at)
    asked = (
        sorted(moments)[asking[kind] - 1]
        for kind, moments in since.items()
        if len(moments) >= asking[kind]
    )
    return min(asked, default=None)


def next_episode(known: KnownLead, sent: LeadRecord, created_at: int) -> KnownLead:
    """Return the episode that follows a lost one: nothing is decided of it yet.

    What was known of the lead is known of it, too. A channel or a source that the request does
    not name stays the lead's own.
    """
    return known._replace(
        episode=known.episode + 1,
        created_at=created_at,
        channel=sent.channel if isinstance(sent.channel, str) else known.channel,
        source=sent.source if isinstance(sent.source, str) else known.source,
        decided_as_of=None,
        decision_id=None,
        probability=None,
        score=None,
        label=None,
        handed_over_at=NEVER,
        outcome=None,
        outcome_at=None,
    )
