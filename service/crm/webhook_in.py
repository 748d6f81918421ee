"""POST /crm/webhook: any CRM tells of a lead and what it did, signed."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from features.errors import SchemaError
from features.moment import to_moment
from service.access.seen import START
from service.access.webhook_signature import Signed, Webhook, check_signature, refuse_replay
from service.api.activities import read_posted, take_activities
from service.api.lead import ERRORS, JSON, put_lead
from service.api.read import read_body, read_item, read_json
from service.api.schemas import ErrorOut
from service.context import context_of
from service.crm.field_map import FieldMap, read_fields
from service.crm.settings import CrmSettings
from service.errors import UnauthorizedError
from service.parts import Parts
from service.store.lease import end_lease

SENDER = "crm webhook"
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorOut, "description": "This webhook came before."}
}


class WebhookAnswer(BaseModel):
    """What became of the lead."""

    lead_id: str
    decision_id: str | None
    score: int | None
    label: str


def webhook_router(parts: Parts, crm: CrmSettings) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["crm"], responses=ERRORS | CONFLICT)
    fields = read_fields("webhook", crm.webhook_fields)

    @router.post(
        "/crm/webhook",
        response_model=WebhookAnswer,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": {"type": "object", "required": ["id"]}}},
            }
        },
        summary="A lead and what it did, signed by the CRM with the secret agreed on",
    )
    async def webhook(request: Request) -> Response:
        if crm.webhook_secret is None:
            raise UnauthorizedError("no secret is agreed on: LEAD_SCORING_WEBHOOK_SECRET")
        body = await read_body(request, parts.settings.body_bytes)
        now = to_moment(parts.clock())
        key = crm.webhook_secret.get_secret_value().encode()
        signed = check_signature(key, as_webhook(request, body), now)
        store = parts.require_store()
        await run_in_threadpool(store.changing, lambda c: refuse_replay(c, SENDER, signed, now))
        try:
            answer = await take(parts, fields, body, request)
        except BaseException:
            name = word_of(signed)
            await run_in_threadpool(store.changing, lambda c: end_lease(c, name, now))
            raise
        return Response(to_json(answer), media_type=JSON)

    return router


def as_webhook(request: Request, body: bytes) -> Webhook:
    """Return a request as its signature sees it."""
    query = request.scope["query_string"].decode("latin-1")
    path = f"{request.url.path}?{query}" if query else request.url.path
    return Webhook(request.method, path, dict(request.headers), body)


def word_of(signed: Signed) -> str:
    """Return the name under which a webhook's word is taken: one that failed may come again."""
    return f"{START}{SENDER}:{signed.nonce}"


async def take(parts: Parts, fields: FieldMap, body: bytes, request: Request) -> dict[str, Any]:
    """Keep what a webhook tells as `PUT /leads` and `POST /activities` do; return the answer."""
    lead, activities = told(fields, read_json(body))
    item = read_item(lead, parts.settings)
    posted = read_posted(to_json({"activities": activities})) if activities else ()
    context = context_of(request)
    answer = await put_lead(parts, item, context)
    if posted:
        [result] = await take_activities(parts, posted, context)
        answer = result["answer"]
    return {name: answer[name] for name in WebhookAnswer.model_fields}


def told(fields: FieldMap, record: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the lead and the activities of a CRM's record.

    Raises
    ------
    SchemaError
        When it is no object with an `id`, or its activities are no list of objects.

    Examples
    --------
    >>> map = FieldMap.model_validate(
    ...     {"prefix": "fxk-", "incoming": {"attributes": {"field_a__c": "industry"}}}
    ... )
    >>> told(map, {"id": "7", "field_a__c": "Retail", "else": 1})
    ({'lead_id': 'fxk-7', 'attributes': {'industry': 'Retail'}}, [])
    """
    if not isinstance(record, Mapping) or not isinstance(record.get("id"), str | int):
        raise SchemaError("body: expected an object with an id")
    lead_id = f"{fields.prefix}{record['id']}"
    own, incoming = record.get("attributes", {}), fields.incoming
    if not isinstance(own, Mapping):
        raise SchemaError("attributes: expected an object")
    attributes = {
        name: record[field] for field, name in incoming.attributes.items() if field in record
    }
    lead = {name: record[field] for field, name in incoming.lead.items() if record.get(field)}
    events = record.get("activities", [])
    if not isinstance(events, list) or not all(isinstance(one, Mapping) for one in events):
        raise SchemaError("activities: expected a list of objects")
    kinds = incoming.activities
    activities = [
        {**one, "kind": kinds.get(str(one.get("kind")), one.get("kind")), "lead_id": lead_id}
        for one in events
    ]
    return {"lead_id": lead_id, **lead, "attributes": {**own, **attributes}}, activities
