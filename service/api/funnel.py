"""POST /feedback, /outcomes and /contacts: what became of leads."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from sqlalchemy import Connection

from features.moment import to_datetime, to_moment
from service.api.lead import require_store
from service.api.read import moment_of
from service.api.schemas import ErrorOut, Id, Label, Moment
from service.parts import Parts
from service.store.funnel import (
    Contact,
    Feedback,
    Outcome,
    add_contact,
    add_feedback,
    add_outcome,
)

CODES = (
    *("wrong_company", "wrong_person", "no_need", "no_budget", "no_time_frame"),
    *("cannot_be_reached", "duplicate", "competitor", "already_customer", "other"),
)
Code = Literal[
    "wrong_company",
    "wrong_person",
    "no_need",
    "no_budget",
    "no_time_frame",
    "cannot_be_reached",
    "duplicate",
    "competitor",
    "already_customer",
    "other",
]
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


class FeedbackIn(BaseModel):
    """What sales say of a lead."""

    model_config = STRICT | {
        "json_schema_extra": {
            "examples": [{"lead_id": "L-1042", "accepted": False, "code": "no_budget"}]
        }
    }

    lead_id: Id
    episode: Episode = None
    decision_id: Annotated[
        Id | None, Field(description="The decision that is judged; default: the last one.")
    ] = None
    accepted: Annotated[bool, Strict()]
    code: Annotated[Code | None, Field(description="Needed where it is rejected.")] = None
    text: Annotated[
        Annotated[str, Field(max_length=500)] | None,
        Field(description="With the code `other` alone; no names, please."),
    ] = None
    at: At = None

    @model_validator(mode="after")
    def _why(self) -> "FeedbackIn":
        if self.accepted and (self.code or self.text):
            raise ValueError("a code and a text belong to a rejection")
        if not self.accepted and self.code is None:
            raise ValueError(f"a rejection needs a code: one of {', '.join(CODES)}")
        if self.text is not None and self.code != "other":
            raise ValueError("a text belongs to the code other")
        return self


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


class ContactIn(BaseModel):
    """An attempt to reach a lead."""

    model_config = STRICT | {
        "json_schema_extra": {
            "examples": [{"lead_id": "L-1042", "means": "phone", "reached": True}]
        }
    }

    lead_id: Id
    episode: Episode = None
    means: Literal["phone", "email", "meeting", "message", "other"]
    reached: Annotated[bool, Strict()]
    at: At = None


class FeedbackOut(BaseModel):
    """What was kept of a verdict."""

    lead_id: str
    episode: int
    at: datetime
    decision_id: str | None
    label: Annotated[Label | None, Field(description="The label that was judged.")]
    new: Annotated[bool, Field(description="false where the same was known.")]


class OutcomeOut(BaseModel):
    """What was kept of an outcome."""

    lead_id: str
    episode: int
    outcome: Literal["opportunity", "won", "lost"]
    at: datetime
    value: float | None
    new: bool


class ContactOut(BaseModel):
    """What was kept of an attempt."""

    lead_id: str
    episode: int
    at: datetime
    means: str
    reached: bool
    new: bool


def funnel_router(parts: Parts) -> APIRouter:
    """Return the routes that say what became of leads."""
    router = APIRouter(tags=["funnel"], responses=ERRORS)

    # no coroutines: the database may take its time
    @router.post("/feedback", response_model=FeedbackOut, summary="Sales accept or reject a lead")
    def feedback(said: FeedbackIn, key: Key = None) -> dict[str, Any]:
        at, now = moments(parts, said.at)
        new = Feedback(
            said.lead_id,
            said.episode,
            said.decision_id,
            said.accepted,
            said.code,
            said.text,
            at,
            now,
        )
        return kept(parts, said, key, now, lambda c: add_feedback(c, new))

    @router.post("/outcomes", response_model=OutcomeOut, summary="Opportunity opened, won or lost")
    def outcomes(said: OutcomeIn, key: Key = None) -> dict[str, Any]:
        at, now = moments(parts, said.at)
        new = Outcome(
            said.lead_id,
            said.episode,
            said.outcome,
            at,
            said.value,
            said.corrects,
            now,
            None,
        )
        return kept(parts, said, key, now, lambda c: add_outcome(c, new))

    @router.post("/contacts", response_model=ContactOut, summary="An attempt to reach a lead")
    def contacts(said: ContactIn, key: Key = None) -> dict[str, Any]:
        at, now = moments(parts, said.at)
        new = Contact(said.lead_id, said.episode, at, said.means, said.reached, now)
        return kept(parts, said, key, now, lambda c: add_contact(c, new))

    return router


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
    answer = require_store(parts).once(change, key, digest, now)
    return {**answer, "at": to_datetime(answer["at"])}
