"""GET /leads/{id}/export and DELETE /leads/{id}: what is kept of a person, and its end."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from starlette.responses import Response

from features.moment import to_moment
from service.api.lead import ERRORS, JSON, LeadId
from service.context import context_of
from service.parts import Parts
from service.store.erasure import erase_lead, export_lead

Rows = list[dict[str, Any]]


class ExportOut(BaseModel):
    """The rows of each table; moments in UTC microseconds."""

    model_config = ConfigDict(extra="forbid")

    leads: Rows
    attribute_values: Rows
    activities: Rows
    decisions: Rows
    feedback: Rows
    outcomes: Rows
    contacts: Rows
    crm_outbox: Rows
    shadows: Rows
    audit: Rows


def erasure_router(parts: Parts) -> APIRouter:
    """Return the routes that hand out and erase all that is kept of a lead."""
    router = APIRouter(tags=["lead"], responses=ERRORS)

    # no coroutines: the database may take its time
    @router.get(
        "/leads/{lead_id}/export",
        response_model=ExportOut,
        summary="All that is kept of a lead",
    )
    def export(lead_id: LeadId) -> Response:
        found = parts.require_store().reading(lambda c: export_lead(c, lead_id))
        return Response(to_json(found), media_type=JSON)

    @router.delete("/leads/{lead_id}", status_code=204, summary="Erase a lead")
    def erase(request: Request, lead_id: LeadId) -> None:
        now, who = to_moment(parts.clock()), context_of(request).key
        parts.require_store().changing(lambda c: erase_lead(c, lead_id, now, who))

    return router
