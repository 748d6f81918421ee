"""GET /leads/{id}/similar: past leads like it, and what came of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from features.moment import to_moment
from service.api.schemas import ErrorOut, EvidenceOut, Label
from service.errors import NotFoundError
from service.parts import Parts
from service.store.known import KnownLead
from service.store.similar import Likeness, read_similar

ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such lead is stored, or there is no store."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}


class DifferenceOut(BaseModel):
    """A family of points that differs."""

    family: str
    points: Annotated[float, Field(description="The past lead's, less this one's.")]


class PastLeadOut(BaseModel):
    """A past lead as it was scored once; since then the whole horizon has passed."""

    lead_id: str
    episode: int
    created_at: datetime
    as_of: datetime
    channel: str | None
    outcome: Annotated[
        Literal["won", "lost"] | None,
        Field(description="Within the horizon after `as_of`; null: neither of them by then."),
    ]
    score: int
    label: Label
    distance: Annotated[float, Field(description="Sum of the families' differences, in points.")]
    differs: list[DifferenceOut]


class SimilarOut(BaseModel):
    """Past leads like a lead; how many were won of so few is no estimate, `evidence` is one."""

    lead_id: str
    episode: int
    score: int | None
    model_version: str | None
    horizon_days: Annotated[
        int | None, Field(description="Of the model; null: whether it was ever won counts.")
    ]
    evidence: EvidenceOut | None
    looked_at: int
    leads: list[PastLeadOut]


def similar_router(parts: Parts) -> APIRouter:
    """Return the route that shows past leads like one."""
    router = APIRouter(tags=["lead"], responses=ERRORS)

    # not a coroutine: the database may take its time
    @router.get(
        "/leads/{lead_id}/similar",
        response_model=SimilarOut,
        summary="Past leads like it, and what came of them",
    )
    def similar(
        lead_id: Annotated[str, Path(min_length=1, max_length=200)],
        episode: Annotated[int | None, Query(ge=1, le=1000)] = None,
    ) -> dict[str, Any]:
        store = parts.require_store()
        known = store.known([(lead_id, episode)]).get((lead_id, episode))
        if known is None:
            raise NotFoundError("lead_id: no such lead is stored")
        kept = None if known.decision_id is None else store.decision(known.decision_id)
        return similar_to(parts, known, None if kept is None else kept["answer"])

    return router


def similar_to(parts: Parts, known: KnownLead, answer: dict[str, Any] | None) -> dict[str, Any]:
    """Return past leads like a stored one, by the answer of its last decision.

    Where no model has scored it, or none answers, there are none.
    """
    told = answer or {}
    found: dict[str, Any] = {"looked_at": 0, "leads": []}
    holder = parts.holder
    horizon = holder.served.scorer.manifest.horizon_days if holder.ready else None
    if holder.ready and told.get("ledger") is not None:
        of = Likeness(known.lead_id, told["score"], told["ledger"], told["model_version"])
        now = to_moment(parts.clock())
        found = parts.require_store().reading(lambda c: read_similar(c, of, now, horizon))
    shown = {name: told.get(name) for name in ("score", "model_version", "evidence")}
    own = {"lead_id": known.lead_id, "episode": known.episode, "horizon_days": horizon}
    return {**own, **shown, **found}
