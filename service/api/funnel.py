"""What the routes of the funnel have in common: each thing that is told of a lead is kept once."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from features.moment import to_datetime, to_moment
from service.api.read import moment_of
from service.api.schemas import ErrorOut, Moment
from service.parts import Parts

ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such lead is stored, or there is no store."},
    409: {"model": ErrorOut, "description": "Something else was said before."},
    422: {"model": ErrorOut, "description": "A field is not what was expected."},
    503: {"model": ErrorOut, "description": "The database does not answer; try again later."},
}
Episode = Annotated[
    Annotated[int, Field(ge=1, le=1000, strict=True)] | None,
    Field(description="Default: the newest."),
]
At = Annotated[Moment | None, Field(description="Default: now.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same key again changes nothing.",
    ),
]
STRICT = ConfigDict(extra="forbid")


def moments(parts: Parts, at: datetime | None) -> tuple[int, int]:
    """Return when something was, and now; in UTC microseconds."""
    now = to_moment(parts.clock())
    return (now if at is None else moment_of(at)), now


def kept(
    parts: Parts,
    said: BaseModel,
    key: str | None,
    now: int,
    change: Callable[[Connection], dict[str, Any]],
) -> dict[str, Any]:
    """Make a change once, and return what to answer."""
    digest = hashlib.sha256(f"{type(said).__name__} {said.model_dump_json()}".encode()).hexdigest()
    answer = parts.require_store().once(change, key, digest, now)
    return {**answer, "at": to_datetime(answer["at"])}
