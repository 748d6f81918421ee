"""GET /decisions/{id}: what was decided, and on what grounds."""

from typing import Any

from fastapi import APIRouter

from service.api.schemas import ErrorOut
from service.errors import NotFoundError
from service.parts import Parts

ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such decision was kept."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}


def decision_router(parts: Parts) -> APIRouter:
    """Return the route that finds decisions again."""
    router = APIRouter(tags=["decision"])

    # not a coroutine: the database may take its time
    @router.get("/decisions/{decision_id}", responses=ERRORS, summary="A decision as it was made")
    def decision(decision_id: str) -> dict[str, Any]:
        found = None if parts.store is None else parts.store.decision(decision_id)
        if found is None:
            raise NotFoundError("decision_id: no such decision was kept")
        return found

    return router
