"""Leads are answered for, and what was decided is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from service.api.answer import Answered, answer_leads, iso
from service.api.asked import Asked
from service.api.keep import decided, keep
from service.context import RequestContext
from service.exploration import arm_of, offered
from service.holder import Served
from service.parts import Parts
from service.rules_alone import RulesAlone, answers_by_rules


def answer_asked(
    parts: Parts,
    served: Served | RulesAlone,
    asked: Sequence[Asked],
    languages: Sequence[str],
    now: datetime,
) -> list[Answered]:
    """Return the answers to what is asked, each in its language, in its order."""
    records = [one.record for one in asked]
    earlier = [one.earlier for one in asked]
    if isinstance(served, Served):
        reasons = parts.settings.reasons
        answered = answer_leads(
            served, records, earlier, now=now, languages=languages, reasons=reasons
        )
    else:
        bodies = answers_by_rules(
            served, records, earlier, now=now, scored_at=iso(now), languages=languages
        )
        answered = [Answered(body, None) for body in bodies]
    for one, of in zip(answered, asked, strict=True):
        arm = arm_of(parts.settings, of.sent.lead_id) if of.stored is None else of.stored.arm
        one.body["offered"], one.body["propensity"] = offered(parts.settings, one.body, arm)
        one.body["arm"] = arm
    return answered


async def decide(
    parts: Parts, asked: Sequence[Asked], context: RequestContext
) -> list[dict[str, Any]]:
    """Return each lead's answer with the label that it had before.

    Raises
    ------
    NotReadyError
        When no model is loaded.
    StoreError
        When a decision cannot be kept.
    """
    served, now = parts.holder.answering, parts.clock()
    languages = [context.language] * len(asked)
    answered = await run_in_threadpool(answer_asked, parts, served, asked, languages, now)
    decisions = [
        decided(served, one, answer.body, context, now)
        for one, answer in zip(asked, answered, strict=True)
    ]
    kept = zip(asked, decisions, strict=True)
    await keep(parts, [decision for one, decision in kept if not one.lead.dry_run])
    return [
        {**answer.body, **change_of(one, answer.body)}
        for one, answer in zip(asked, answered, strict=True)
    ]


def change_of(asked: Asked, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what label a lead had, and whether it has another one now."""
    before = asked.earlier.label
    return {"label_before": before, "changed": before != answer["label"]}
