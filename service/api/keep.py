"""Decisions get an id, are kept, and their answers say so."""

import asyncio
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from features.moment import to_moment
from service.api.asked import Asked
from service.context import RequestContext
from service.errors import NotStorableError, StoreError
from service.holder import Served
from service.parts import Parts
from service.rules_alone import RulesAlone
from service.sink import Decision, Pending

NOT_YET, DURABLE = b"false}", b"true}"
"""How an answer ends while it is not durable, and once it is."""


def decided(
    served: Served | RulesAlone,
    asked: Asked,
    answer: dict[str, Any],
    context: RequestContext,
    now: datetime,
) -> Decision:
    """Return a decision, not kept yet, and let its answer say so."""
    answer["decision_id"] = None
    answer["recorded"] = False
    return Decision(
        asked.record,
        asked.sent,
        asked.new,
        answer,
        context,
        served.space,
        to_moment(now),
        asked.earlier.label,
        asked.earlier.handed_over_at,
        asked.lead.account_id,
        asked.lead.contact_id,
        asked.lead.owner,
    )


async def keep(parts: Parts, decisions: list[Decision]) -> None:
    """Keep the decisions of a request; their answers get an id.

    Raises
    ------
    StoreError
        See `not_kept`.
    """
    named = name(parts, decisions)
    if not named:
        return
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    parts.sink.give([Pending(named, done)])
    try:
        await done
    except StoreError as error:
        not_kept(parts, named, error)
    else:
        were_kept(parts, named)


def name(parts: Parts, decisions: list[Decision]) -> list[Decision]:
    """Count decisions; return those that are to be kept, whose answers have id and text now.

    Those that no model made are not kept: nobody knows the stored form of their values.
    """
    parts.metrics.decided([decision.answer for decision in decisions])
    if not parts.sink.keeps:
        return []
    kept = [decision for decision in decisions if decision.space is not None]
    for decision in kept:
        decision.answer["decision_id"] = parts.ids.new(decision.decided_at)
    return [decision._replace(text=to_json(decision.answer)) for decision in kept]


def text_of(decision: Decision) -> bytes:
    """Return an answer as JSON; one that was kept is not encoded again."""
    answer = decision.answer
    if not decision.text or answer["decision_id"] is None:
        return to_json(answer)
    return decision.text.removesuffix(NOT_YET) + DURABLE if answer["recorded"] else decision.text


def were_kept(parts: Parts, named: list[Decision]) -> None:
    """Let answers say whether they are durable, and have them compared with a challenger's."""
    for decision in named:
        decision.answer["recorded"] = parts.sink.durable
    if named and parts.shadow is not None:
        parts.shadow.offer(named)


def not_kept(parts: Parts, named: list[Decision], error: StoreError) -> None:
    """Let answers go without an id, where the settings allow it.

    Raises
    ------
    StoreError
        The error, where they do not, or when it lies in a lead itself.
    """
    if isinstance(error, NotStorableError):
        raise error
    parts.metrics.unrecorded(len(named))
    if parts.settings.unrecorded == "refuse":
        raise error
    for decision in named:
        decision.answer["decision_id"] = None
