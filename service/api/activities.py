"""POST /activities: what leads did, as it becomes known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from features.errors import SchemaError
from features.moment import to_moment
from service.api.asked import asked_again
from service.api.deciding import decide
from service.api.lead import ERRORS, JSON
from service.api.read import moment_of, read_body, read_json, what_is_wrong
from service.api.schemas import ActivitiesAnswer, ActivitiesRequest, PostedActivity
from service.context import RequestContext, context_of
from service.errors import NO_SUCH_LEAD, NotFoundError, status_of
from service.parts import Parts
from service.store.activities import NewActivity
from service.store.known import KnownLead, Wanted

SCHEMA = {
    "anyOf": [
        {"$ref": "#/components/schemas/ActivitiesRequest"},
        {"$ref": "#/components/schemas/PostedActivity"},
    ]
}


def activities_router(parts: Parts) -> APIRouter:
    """Return the route that takes activities."""
    router = APIRouter(tags=["lead"], responses=ERRORS)

    @router.post(
        "/activities",
        response_model=ActivitiesAnswer,
        openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": SCHEMA}}}},
        summary="Activities of known leads, each counted once; the leads are scored again",
    )
    async def activities(request: Request) -> Response:
        parts.require_store()
        posted = read_posted(await read_body(request, parts.settings.batch_body_bytes))
        results = await take_activities(parts, posted, context_of(request))
        return Response(to_json({"results": results}), media_type=JSON)

    return router


async def take_activities(
    parts: Parts, posted: Sequence[PostedActivity], context: RequestContext
) -> list[dict[str, Any]]:
    """Keep activities, score their leads again, and return what became of each lead."""
    store = parts.require_store()
    keys = list(dict.fromkeys((one.lead_id, one.episode) for one in posted))
    known = await run_in_threadpool(store.known, keys)
    new = new_activities(posted, known, parts.clock())
    counts = await run_in_threadpool(store.add_activities, new) if new else {}
    newest: dict[Wanted, bool] = {
        (lead.lead_id, lead.episode): key[1] is None for key, lead in known.items()
    }
    fresh = await run_in_threadpool(store.known, list(newest))
    agreement, now = parts.holder.answering.agreement, parts.clock()
    asked = [asked_again(lead, now, agreement, newest=newest[key]) for key, lead in fresh.items()]
    answers = await decide(parts, asked, context) if asked else []
    of_lead = dict(zip(fresh, answers, strict=True))
    return [item_of(key, known.get(key), counts, of_lead) for key in keys]


def read_posted(body: bytes) -> Sequence[PostedActivity]:
    """Return the activities of a body: one, or several under `activities`.

    Raises
    ------
    SchemaError
        Naming the field and what was expected.
    """
    data = read_json(body)
    if not isinstance(data, dict):
        raise SchemaError('body: expected an activity, or {"activities": [...]}')
    whole = data if "activities" in data else {"activities": [data]}
    try:
        return ActivitiesRequest.model_validate_json(to_json(whole)).activities
    except ValidationError as error:
        raise SchemaError(what_is_wrong(error)) from None


def new_activities(
    posted: Sequence[PostedActivity], known: Mapping[Wanted, KnownLead], now: datetime
) -> list[NewActivity]:
    """Return what is to be kept: the activities of leads that are known."""
    return [
        NewActivity(
            one.lead_id,
            known[one.lead_id, one.episode].episode,
            one.kind,
            moment_of(one.occurred_at),
            to_moment(now) if one.recorded_at is None else moment_of(one.recorded_at),
            one.id,
            one.actor,
        )
        for one in posted
        if (one.lead_id, one.episode) in known
    ]


def item_of(
    key: Wanted,
    known: KnownLead | None,
    counts: Mapping[tuple[str, int], int],
    answers: Mapping[Wanted, dict[str, Any]],
) -> dict[str, Any]:
    """Return what became of one lead."""
    if known is None:
        error = NotFoundError(NO_SUCH_LEAD)
        said = {"error": type(error).__name__, "detail": str(error)}
        return {"lead_id": key[0], "status": status_of(type(error)), "new": 0, **said}
    episode = (known.lead_id, known.episode)
    scored = {"new": counts.get(episode, 0), "answer": answers[episode]}
    return {"lead_id": key[0], "status": 200, **scored}
