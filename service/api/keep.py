"""Decisions get an id, are kept, and their answers say so."""

from datetime import datetime
from typing import Any

from features.moment import to_moment
from service.api.asked import Asked
from service.context import RequestContext
from service.errors import NotStorableError, StoreError
from service.holder import Served
from service.parts import Parts
from service.rules_alone import RulesAlone
from service.sink import Decision


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


async def keep(parts: Parts, kept: list[Decision]) -> None:
    """Keep the decisions of a request; their answers get an id.

    Those that no model made are not kept: nobody knows the stored form of their values.

    Raises
    ------
    StoreError
        When they cannot be kept, and the settings do not let them be answered all the same.
    """
    parts.metrics.decided([decision.answer for decision in kept])
    kept = [decision for decision in kept if decision.space is not None]
    if not kept or not parts.sink.keeps:
        return
    for decision in kept:
        decision.answer["decision_id"] = parts.ids.new(decision.decided_at)
    try:
        durable = await parts.sink.put(kept)
    except NotStorableError:
        raise
    except StoreError:
        parts.metrics.unrecorded(len(kept))
        if parts.settings.unrecorded == "refuse":
            raise
        for decision in kept:
            decision.answer["decision_id"] = None
        return
    for decision in kept:
        decision.answer["recorded"] = durable
    if parts.shadow is not None:
        parts.shadow.offer(kept)
