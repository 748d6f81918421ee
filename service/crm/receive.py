"""POST /crm/hubspot and the like: CRM systems tell of leads by their own webhooks."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from features.moment import to_moment
from service.api.asked import asked_again
from service.api.deciding import decide
from service.api.lead import ERRORS
from service.api.read import read_body
from service.context import context_of
from service.crm.keeping import keep_events
from service.crm.receiver import Receiver
from service.crm.registry import CRMS
from service.crm.settings import CrmSettings
from service.crm.webhook_in import as_webhook
from service.errors import UnauthorizedError
from service.parts import Parts

SCHEMAS: dict[str, dict[str, Any]] = {
    "application/json": {"type": "array", "items": {"type": "object"}},
    "text/xml": {"type": "string"},
}


class ReceivedAnswer(BaseModel):
    """Of how many leads something new is known."""

    leads: int


def receive_router(parts: Parts, settings: CrmSettings) -> APIRouter:
    """Return a route for each CRM whose webhooks are understood."""
    router = APIRouter(tags=["crm"], responses=ERRORS)
    for name, crm in CRMS.items():
        if crm.receiver is not None:
            media = crm.media_type
            answers = {200: {"content": {media: {}}, "description": "Everything is kept."}}
            json = media == "application/json"
            router.add_api_route(
                f"/crm/{name}",
                partial(receive, parts, name, crm.receiver(settings)),
                methods=["POST"],
                name=f"{name} webhook",
                operation_id=f"crm_{name}",
                response_class=Response,
                response_model=ReceivedAnswer if json else None,
                responses=None if json else answers,  # type: ignore[arg-type]
                openapi_extra={
                    "requestBody": {
                        "required": True,
                        "content": {media: {"schema": SCHEMAS[media]}},
                    }
                },
                summary=f"What {name} tells by its own webhooks",
            )
    return router


async def receive(parts: Parts, name: str, receiver: Receiver | None, request: Request) -> Response:
    """Keep what a webhook tells, and score the leads again of which something new is known."""
    if receiver is None:
        raise UnauthorizedError(f"no secret is agreed on with {name}; see LEAD_SCORING_ settings")
    body = await read_body(request, parts.settings.body_bytes, media=receiver.media_type)
    now = to_moment(parts.clock())
    receiver.verify(as_webhook(request, body), now)
    events = receiver.read(body)
    store, space = parts.require_store(), parts.holder.served.space
    changed = await run_in_threadpool(
        store.changing, lambda c: keep_events(c, receiver.fields, events, space, now)
    )
    if changed:
        known = await run_in_threadpool(store.known, [(lead_id, None) for lead_id in changed])
        agreement, clock = parts.holder.answering.agreement, parts.clock()
        asked = [asked_again(lead, clock, agreement, newest=True) for lead in known.values()]
        await decide(parts, asked, context_of(request))
    return Response(receiver.answer(len(changed)), media_type=receiver.media_type)
