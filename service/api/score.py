"""POST /score and POST /score/batch."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from features.errors import SchemaError
from features.records import LeadRecord
from service.api.answer import Answered
from service.api.answer_groups import AnswerGroups
from service.api.asked import asked_of
from service.api.deciding import answer_asked
from service.api.keep import decided, keep
from service.api.read import read_batch, read_body, read_item, read_lead, record_of
from service.api.schemas import BatchAnswer, BatchRequest, ErrorOut, ScoreAnswer, ScoreRequest
from service.api.turns import Memory, turns_of
from service.context import RequestContext, context_of, query_of
from service.errors import status_of
from service.holder import Served
from service.parts import Parts
from service.rules_alone import RulesAlone
from service.sink import Decision

JSON = "application/json"
ERRORS: dict[int | str, dict[str, Any]] = {
    413: {"model": ErrorOut, "description": "The body is too large."},
    415: {"model": ErrorOut, "description": "The body is declared to be no JSON."},
    422: {"model": ErrorOut, "description": "A field is not what was expected."},
    503: {"model": ErrorOut, "description": "No model is loaded; try again later."},
}


QUERY = [
    {
        "name": "lang",
        "in": "query",
        "description": "Language of reasons and warnings; default: by Accept-Language.",
        "schema": {"type": "string", "enum": ["en", "zh"]},
    },
    {
        "name": "strict",
        "in": "query",
        "description": "Refuse unknown attributes and values that cannot be read.",
        "schema": {"type": "boolean", "default": False},
    },
]
YES, NO = ("true", "1"), ("false", "0", "")


def described(model: type[ScoreRequest] | type[BatchRequest]) -> dict[str, Any]:
    """Return how the interface describes what the handlers read by themselves."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    body = {"required": True, "content": {JSON: {"schema": reference}}}
    return {"requestBody": body, "parameters": QUERY}


def is_strict(request: Request) -> bool:
    """Return whether the caller wants doubtful leads refused.

    Raises
    ------
    SchemaError
        When `strict` is neither true nor false.
    """
    text = query_of(request).get("strict", "").lower()
    if text not in (*YES, *NO):
        raise SchemaError("strict: expected true or false")
    return text in YES


async def score_one(parts: Parts, groups: AnswerGroups, request: Request) -> Response:
    """Answer POST /score."""
    settings = parts.settings
    strict = is_strict(request)
    context = context_of(request)
    lead = read_lead(await read_body(request, settings.body_bytes), settings)
    answer = await groups.answer(lead, context, strict=strict)
    return Response(answer, media_type=JSON)


def score_router(parts: Parts, groups: AnswerGroups) -> APIRouter:
    """Return the routes that score."""
    router = APIRouter(tags=["score"])
    settings = parts.settings

    @router.post(
        "/score",
        response_model=ScoreAnswer,
        responses=ERRORS,
        openapi_extra=described(ScoreRequest),
        summary="Score one lead",
    )
    async def score(request: Request) -> Response:
        return await score_one(parts, groups, request)

    @router.post(
        "/score/batch",
        response_model=BatchAnswer,
        responses=ERRORS,
        openapi_extra=described(BatchRequest),
        summary="Score up to 1,000 leads, each answered for itself",
    )
    async def score_batch(request: Request) -> Response:
        served = parts.holder.answering
        strict = is_strict(request)
        context = context_of(request)
        body = await read_body(request, settings.batch_body_bytes)
        results, found = await run_in_threadpool(
            score_items, parts, served, body, context, strict=strict
        )
        await keep(parts, found)
        return Response(to_json({"results": results}), media_type=JSON)

    return router


def score_items(
    parts: Parts, served: Served | RulesAlone, body: bytes, context: RequestContext, *, strict: bool
) -> tuple[list[dict[str, Any]], list[Decision]]:
    """Return each lead's answer or error, in the order of the request, and the decisions.

    Items of one lead are answered as if they had come one after the other.
    """
    results: list[dict[str, Any]] = []
    leads: list[tuple[ScoreRequest, LeadRecord]] = []
    places: list[int] = []
    now = parts.clock()
    for place, item in enumerate(read_batch(body, parts.settings)):
        try:
            lead = read_item(item, parts.settings)
            leads.append((lead, record_of(lead, now)))
            places.append(place)
            results.append({})
        except SchemaError as error:
            results.append(problem(error))
    if not leads:
        return results, []
    memory, kept = Memory(parts, [lead for lead, _ in leads]), []
    for turn in turns_of([lead.lead_id for lead, _ in leads]):
        asked = [asked_of(*leads[i], memory.of(leads[i][0]), served.agreement) for i in turn]
        languages = [context.language] * len(asked)
        answered = answer_asked(parts, served, asked, languages, now)
        for i, one, answer in zip(turn, asked, answered, strict=True):
            results[places[i]] = outcome(answer, strict=strict)
            decision = decided(served, one, answer.body, context, now)
            if not one.lead.dry_run and not (strict and answer.refusal):
                memory.add(decision)
                kept.append(decision)
    return results, kept


def outcome(answered: Answered, *, strict: bool) -> dict[str, Any]:
    """Return one item of a batch's answer."""
    if strict and answered.refusal is not None:
        return problem(SchemaError(answered.refusal))
    return {"status": 200, "answer": answered.body}


def problem(error: SchemaError) -> dict[str, Any]:
    """Return one item that could not be scored."""
    kind = type(error)
    return {"status": status_of(kind), "error": kind.__name__, "detail": str(error)}
