"""GET /worklist: the leads to work now."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from features.moment import to_moment
from service.api.schemas import ErrorOut, Label, ReasonOut
from service.parts import Parts
from service.store.worklist import WorklistQuery, read_worklist

MOST = 1000
ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "There is no store."},
    422: {"model": ErrorOut, "description": "A parameter is not what was expected."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}
Owner = Annotated[str | None, Query(min_length=1, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class WorklistItem(BaseModel):
    """A lead that waits for sales."""

    lead_id: str
    episode: int
    owner: str | None
    channel: str | None
    source: str | None
    label: Annotated[Label | None, Field(description="Not told of a lead that is held out.")]
    offered: Annotated[
        Literal["label", "exploration", "holdout"] | None,
        Field(description="Why sales are asked."),
    ]
    grade: str | None
    score: int | None
    probability: float | None
    priority: Annotated[
        float | None,
        Field(description="Probability, times the channel's mean value, times urgency (1 to 2)."),
    ]
    handed_over_at: datetime | None
    contact_by: Annotated[datetime | None, Field(description="By the agreement.")]
    first_contact_at: datetime | None
    reached_at: datetime | None
    attempts: Annotated[int, Field(description="Since it was handed over.")]
    least_attempts: int | None
    reasons: list[ReasonOut]
    decision_id: str | None


class Worklist(BaseModel):
    """Leads to work now, the most worthwhile and urgent first."""

    total: int
    items: list[WorklistItem]


def worklist_router(parts: Parts) -> APIRouter:
    """Return the route of the work list."""
    router = APIRouter(tags=["funnel"], responses=ERRORS)

    # not a coroutine: the database may take its time
    @router.get(
        "/worklist",
        response_model=Worklist,
        summary="Leads that were handed over and wait for sales, the most worthwhile first",
    )
    def worklist(
        label: Literal["nurture", "MQL", "SQL"] | None = None,
        owner: Owner = None,
        limit: Limit = 100,
        offset: Offset = 0,
    ) -> dict[str, Any]:
        asked = WorklistQuery(label, owner, limit, offset, to_moment(parts.clock()))
        return parts.require_store().reading(lambda connection: read_worklist(connection, asked))

    return router
