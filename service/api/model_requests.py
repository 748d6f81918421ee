"""POST /model/requests and GET /model/requests: that another version shall answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from models.bundle.folder import NAME
from models.bundle.request import MOST_REASON_CHARACTERS, Action, ModelRequest
from service.api.schemas import ErrorOut
from service.model_request import ask_for_version, request_folder
from service.parts import Parts

ERRORS: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorOut, "description": "The same was asked for already."},
    422: {"model": ErrorOut, "description": "The request is not what was expected."},
    503: {"model": ErrorOut, "description": "No dataset, or the request cannot be written."},
}
NEWEST = 200


class AskIn(BaseModel):
    """Which version shall answer, shall not any more, or shall be there again."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    version: Annotated[
        str,
        Field(
            pattern=f"^{NAME.pattern}$",
            description="To promote; to go back from; or to bring back.",
        ),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON_CHARACTERS)]


class GateCheckOut(BaseModel):
    """One condition of the gate, and what came of it."""

    name: str
    result: str
    sentence: str


class ModelRequestOut(BaseModel):
    """A request, and what became of it."""

    request_id: str
    action: Action
    version: str
    asked_by: str | None
    role: str | None
    asked_at: datetime
    reason: str
    status: Literal["asked", "done", "refused"]
    told: Annotated[str | None, Field(description="What became of it, in a sentence.")]
    checks: list[GateCheckOut]
    settled_at: str | None


class ModelRequestsOut(BaseModel):
    """Requests, the newest first."""

    requests: list[ModelRequestOut]


def model_requests_router(parts: Parts) -> APIRouter:
    """Return the routes of requests for another version."""
    router = APIRouter(tags=["model"], responses=ERRORS)

    # no coroutines: files may take their time
    @router.post(
        "/model/requests",
        response_model=ModelRequestOut,
        summary="Ask that a challenger answers, or the champion before, or for an earlier bundle",
    )
    def ask(request: Request, said: AskIn) -> dict[str, Any]:
        key = request.scope.get("key")
        return shown(ask_for_version(parts, said.action, said.version, said.reason, key))

    @router.get(
        "/model/requests",
        response_model=ModelRequestsOut,
        summary="What was asked for, and what became of it, the newest first",
    )
    def asked() -> dict[str, Any]:
        found = request_folder(parts.settings).all()[:NEWEST]
        return {"requests": [shown(one) for one in found]}

    return router


def shown(request: ModelRequest) -> dict[str, Any]:
    """Return a request as it is answered."""
    names = ("name", "result", "sentence")
    checks = [{name: str(check.get(name, "")) for name in names} for check in request.checks]
    return request.to_json() | {"checks": checks}
