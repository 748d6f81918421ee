"""POST /outcomes: an opportunity was opened, won or lost."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, Strict

from service.api.funnel import ERRORS, STRICT, At, Episode, Key, kept, moments
from service.api.schemas import Id
from service.context import context_of
from service.parts import Parts
from service.store.outcomes import Outcome, add_outcome


class OutcomeIn(BaseModel):
    """What became of a lead."""

    model_config = STRICT | {
        "json_schema_extra": {
            "examples": [{"lead_id": "L-1042", "outcome": "won", "value": 12000.0}]
        }
    }

    lead_id: Id
    episode: Episode = None
    outcome: Literal["opportunity", "won", "lost"]
    at: At = None
    value: Annotated[float, Field(allow_inf_nan=False, ge=0)] | None = None
    corrects: Annotated[
        bool, Strict(), Field(description="Replaces what was said before; is written down.")
    ] = False


class OutcomeOut(BaseModel):
    """What was kept of an outcome."""

    lead_id: str
    episode: int
    outcome: Literal["opportunity", "won", "lost"]
    at: datetime
    value: float | None
    new: bool


def outcomes_router(parts: Parts) -> APIRouter:
    """Return the route for what became of a lead."""
    router = APIRouter(tags=["funnel"], responses=ERRORS)

    # not a coroutine: the database may take its time
    @router.post("/outcomes", response_model=OutcomeOut, summary="Opportunity opened, won or lost")
    def outcomes(request: Request, said: OutcomeIn, key: Key = None) -> dict[str, Any]:
        at, now = moments(parts, said.at)
        new = Outcome(
            said.lead_id,
            said.episode,
            said.outcome,
            at,
            said.value,
            said.corrects,
            now,
            context_of(request).key,
        )
        return kept(parts, said, key, now, lambda c: add_outcome(c, new))

    return router
