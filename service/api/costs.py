"""PUT /costs and GET /costs: what channels cost, month by month."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from features.moment import to_moment
from service.api.read import read_body
from service.api.schemas import ErrorOut
from service.context import context_of
from service.cost_file import MOST_BYTES, read_cost_file
from service.errors import ForbiddenError
from service.parts import Parts
from service.store.costs import put_costs, read_costs
from service.store.keys import Key

CSV = "text/csv"
EXAMPLE = "channel,month,amount\nLinkedIn,2026-03,1200.50\nReferral,2026-03,300\n"
ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "There is no store."},
    413: {"model": ErrorOut, "description": "The file is too large."},
    415: {"model": ErrorOut, "description": "The body is declared to be no CSV."},
    422: {"model": ErrorOut, "description": "A line is not what was expected."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}
Month = Annotated[str, Field(description="Such as 2026-03, in UTC.")]


class GivenOut(BaseModel):
    """What took the place of what."""

    model_config = ConfigDict(extra="forbid")

    months: list[Month]
    rows: int
    rows_before: Annotated[int, Field(description="Of the same months.")]
    changed: bool


class CostOut(BaseModel):
    """What a channel cost in a month."""

    model_config = ConfigDict(extra="forbid")

    month: Month
    channel: str
    amount: float
    is_sample: Annotated[bool, Field(description="Whether it came with the sample.")]


class CostsOut(BaseModel):
    """All costs that are kept, by month and channel."""

    model_config = ConfigDict(extra="forbid")

    costs: list[CostOut]


def costs_router(parts: Parts) -> APIRouter:
    """Return the routes of costs."""
    router = APIRouter(tags=["statistics"], responses=ERRORS)
    content = {CSV: {"schema": {"type": "string"}, "example": EXAMPLE}}

    @router.put(
        "/costs",
        response_model=GivenOut,
        summary="What channels cost, in place of what was given for the same months",
        openapi_extra={"requestBody": {"required": True, "content": content}},
    )
    async def give(request: Request) -> dict[str, Any]:
        check_marketing(request.scope.get("key"))
        limit = min(MOST_BYTES, parts.settings.body_bytes)
        body = await read_body(request, limit, media=CSV)
        return await run_in_threadpool(give_costs, parts, body, context_of(request).key)

    # not a coroutine: the database may take its time
    @router.get("/costs", response_model=CostsOut, summary="What channels cost")
    def given() -> dict[str, Any]:
        return {"costs": parts.require_store().reading(read_costs)}

    return router


def give_costs(parts: Parts, body: bytes, who: str | None, language: str = "en") -> dict[str, Any]:
    """Keep the costs of a CSV file, all or none, and return what to answer.

    Mistakes are told in a language; the API's errors are in English.

    Raises
    ------
    SchemaError
        Naming line, column and what was expected.
    StoreError
        When they could not be kept.
    """
    new, now = read_cost_file(body, language), to_moment(parts.clock())
    return parts.require_store().changing(lambda c: put_costs(c, new, now, who))


def check_marketing(key: Key | None) -> None:
    """Make sure that a key may give costs; without keys everybody may.

    Raises
    ------
    ForbiddenError
        When it is neither marketing's nor an administrator's.
    """
    if key is not None and key.role != "marketing" and "admin" not in key.scopes:
        raise ForbiddenError("role: this key is not of marketing, and lacks the scope 'admin'")
