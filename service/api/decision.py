"""GET /decisions/{id}: what was decided, and on what grounds."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.responses import Response

from service.api.schemas import ErrorOut, Label, ScoreAnswer
from service.errors import NotFoundError
from service.parts import Parts

JSON = "application/json"
ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such decision was kept."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}


class SeenLead(BaseModel):
    """A lead as it was seen; moments in UTC microseconds."""

    as_of: int
    created_at: int
    episode: int
    channel: str | None
    source: str | None
    attributes: Annotated[dict[str, Any], Field(description="In stored form: no identifiers.")]
    activities: Annotated[
        list[tuple[str, int, int]], Field(description="Kind, `occurred_at` and `recorded_at`.")
    ]
    previous_label: Label | None
    handed_over_at: int
    unknown_attributes: Annotated[int, Field(description="How many the model did not know.")]


class DecisionOut(BaseModel):
    """What was seen and answered."""

    lead_id: str
    lead: SeenLead
    request_id: str | None
    decided_at: Annotated[int, Field(description="UTC microseconds.")]
    processor: str
    answer: ScoreAnswer


def decision_router(parts: Parts) -> APIRouter:
    """Return the route that finds decisions again."""
    router = APIRouter(tags=["decision"])

    # not a coroutine: the database may take its time; not read into the model, so that what was
    # kept is handed out as it is
    @router.get(
        "/decisions/{decision_id}",
        response_model=DecisionOut,
        responses=ERRORS,
        summary="A decision as it was made",
    )
    def decision(decision_id: str) -> Response:
        found = None if parts.store is None else parts.store.decision(decision_id)
        if found is None:
            raise NotFoundError("decision_id: no such decision was kept")
        return Response(to_json(found), media_type=JSON)

    return router
