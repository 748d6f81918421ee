"""PUT and GET /leads/{id}: what is known of a lead."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool

from features.errors import SchemaError
from features.moment import NEVER, to_datetime
from service.api.asked import asked_of, known_leads, wanted
from service.api.deciding import decide
from service.api.read import read_body, read_item, read_json, record_of
from service.api.schemas import ErrorOut, LeadAnswer, ScoreRequest, StoredLead
from service.context import RequestContext, context_of
from service.errors import NotFoundError
from service.parts import Parts
from service.store.known import KnownLead
from service.store.timeline import read_timeline
from service.trend import Scored, trend_of

JSON = "application/json"
MOST_DECISIONS = 200
LEAST_POINTS = 0.5
"""A family that changed by less is no reason of a change."""
ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such lead is stored, or there is no store."},
    413: {"model": ErrorOut, "description": "The body is too large."},
    415: {"model": ErrorOut, "description": "The body is declared to be no JSON."},
    422: {"model": ErrorOut, "description": "A field is not what was expected."},
    503: {"model": ErrorOut, "description": "No model, or no database; try again later."},
}
LeadId = Annotated[str, Path(min_length=1, max_length=200)]
SCHEMA = {"schema": {"$ref": "#/components/schemas/LeadIn"}}


def lead_router(parts: Parts) -> APIRouter:
    """Return the routes of one lead."""
    router = APIRouter(tags=["lead"], responses=ERRORS)

    @router.put(
        "/leads/{lead_id}",
        response_model=LeadAnswer,
        openapi_extra={"requestBody": {"required": True, "content": {JSON: SCHEMA}}},
        summary="Store what is known of a lead, and score it again",
    )
    async def put(lead_id: LeadId, request: Request) -> Response:
        parts.require_store()
        body = await read_body(request, parts.settings.body_bytes)
        lead = read_item(named(body, lead_id), parts.settings)
        answer = await put_lead(parts, lead, context_of(request))
        return Response(to_json(answer), media_type=JSON)

    # not a coroutine: the database may take its time
    @router.get(
        "/leads/{lead_id}",
        response_model=StoredLead,
        summary="Score, trend and everything that happened",
    )
    def get(
        lead_id: LeadId, episode: Annotated[int | None, Query(ge=1, le=1000)] = None
    ) -> Response:
        store = parts.require_store()
        known = store.known([(lead_id, episode)]).get((lead_id, episode))
        if known is None:
            raise NotFoundError("lead_id: no such lead is stored")
        decisions = store.decisions_of(lead_id, known.episode, MOST_DECISIONS)
        told = store.reading(lambda c: read_timeline(c, lead_id, known.episode))
        return Response(to_json(stored_lead(known, decisions, told)), media_type=JSON)

    return router


async def put_lead(parts: Parts, lead: ScoreRequest, context: RequestContext) -> dict[str, Any]:
    """Store what is known of a lead, and return its answer."""
    found = await run_in_threadpool(known_leads, parts, [lead])
    known = found.get(wanted(lead))
    agreement = parts.holder.answering.agreement
    asked = asked_of(lead, record_of(lead, parts.clock()), known, agreement)
    [answer] = await decide(parts, [asked], context)
    return answer


def named(body: bytes, lead_id: str) -> dict[str, Any]:
    """Return a body with the id of the lead that the path names.

    Raises
    ------
    SchemaError
        When it is no object, or names another lead.
    """
    data = read_json(body)
    if not isinstance(data, dict):
        raise SchemaError("body: expected an object")
    if data.get("lead_id", lead_id) != lead_id:
        raise SchemaError("lead_id: is not the one of the path; expected that one, or none")
    return data | {"lead_id": lead_id}


def stored_lead(
    known: KnownLead, decisions: list[dict[str, Any]], told: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a stored lead as JSON, with its trend and timeline.

    Parameters
    ----------
    decisions : list of dict
        The newest ones, the oldest of them first.
    told : list of dict
        Verdicts, outcomes and attempts.
    """
    scores = [Scored(one["as_of"], one["score"]) for one in decisions if one["score"] is not None]
    deeds = [
        {"at": to_datetime(at), "what": "activity", "kind": kind}
        for kind, at, _, _ in known.activities
    ]
    people = [{**item, "at": to_datetime(item["at"])} for item in told]
    timeline = [*deeds, *decided_of(decisions), *people]
    return {
        **{name: getattr(known, name) for name in PLAIN},
        "created_at": to_datetime(known.created_at),
        "attributes": {name: from_json(value) for name, (value, _) in known.attributes.items()},
        "handed_over_at": (
            None if known.handed_over_at == NEVER else to_datetime(known.handed_over_at)
        ),
        "trend": trend_of(scores),
        "timeline": sorted(timeline, key=lambda item: item["at"]),
    }


PLAIN = (
    *("lead_id", "episode", "channel", "source", "account_id", "contact_id"),
    *("probability", "score", "label", "decision_id"),
)


def decided_of(decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return decisions for a timeline, each with what changed since the one before."""
    items = []
    before: dict[str, float] | None = None
    for one in decisions:
        ledger = one["content"]["answer"]["ledger"]
        item: dict[str, Any] = {"at": to_datetime(one["decided_at"]), "what": "decision"}
        item |= {name: one[name] for name in ("decision_id", "score", "label")}
        if before is not None and ledger is not None:
            moved = {family: ledger[family] - before[family] for family in ledger}
            item["changes"] = {f: p for f, p in moved.items() if abs(p) >= LEAST_POINTS}
        before = ledger
        items.append(item)
    return items
