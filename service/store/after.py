"""What will be known of a lead once a decision is kept, before it is."""

from collections.abc import Sequence

from pydantic_core import from_json, to_json

from features.moment import NEVER
from service.store.group import Known
from service.store.known import KnownLead, Placed, Wanted
from service.store.store import Written


def remember(known: dict[Wanted, KnownLead], one: Written) -> None:
    """Let a decision be seen by what is decided next of the same lead.

    Parameters
    ----------
    known : dict of (lead, episode or None) to KnownLead
        What is known by now, the newest episode under None; changed.
    one : Written
        Not kept yet.
    """
    newest = known.get((one.lead_id, None))
    before = known.get(one.key)
    if before is None and newest is not None and newest.episode == one.episode:
        before = newest
    activities = joined(() if newest is None else newest.activities, one.activities)
    after = known_after(before or first_known(one), one)._replace(activities=activities)
    for key, lead in list(known.items()):
        if key[0] == one.lead_id:
            known[key] = lead._replace(activities=activities)
    known[one.key] = after
    if newest is None or newest.episode <= one.episode:
        known[one.lead_id, None] = after


def known_after(known: KnownLead, one: Written) -> KnownLead:
    """Return an episode as the store will have it; its activities as they were."""
    state = Known(
        created_at=known.created_at,
        attributes=to_json(known.attributes).decode(),
        decided_as_of=known.decided_as_of,
        account_id=known.account_id,
        contact_id=known.contact_id,
        label=known.label,
        handed_over_at=None if known.handed_over_at == NEVER else known.handed_over_at,
        contact_by=None,
        mql_at=None,
        sql_at=None,
        last_known_at=None,
        owner=None,
        channel=known.channel,
        source=known.source,
    )
    list(state.take(one))  # the rows that it would write
    last = state.last
    return known._replace(
        channel=state.channel,
        source=state.source,
        account_id=state.account_id,
        contact_id=state.contact_id,
        attributes=from_json(state.attributes),
        decided_as_of=state.decided_as_of,
        decision_id=known.decision_id if last is None else last.decision_id,
        probability=known.probability if last is None else last.probability,
        score=known.score if last is None else last.score,
        label=state.label,
        handed_over_at=NEVER if state.handed_over_at is None else state.handed_over_at,
    )


def first_known(one: Written) -> KnownLead:
    """Return the row that a first decision adds, with nothing decided yet."""
    return KnownLead(
        lead_id=one.lead_id,
        episode=one.episode,
        created_at=one.created_at,
        channel=one.channel,
        source=one.source,
        account_id=None,
        contact_id=None,
        attributes={},
        activities=(),
        decided_as_of=None,
        decision_id=None,
        probability=None,
        score=None,
        label=None,
        handed_over_at=NEVER,
        outcome=None,
        outcome_at=None,
        arm=one.arm,
    )


def joined(stored: Sequence[Placed], new: Sequence[Placed]) -> list[Placed]:
    """Return activities by time, each once; the one that is stored stays."""
    found = {one[:3]: one for one in (*new, *stored)}
    return sorted(found.values(), key=lambda one: (one[1], one[0], one[2]))
