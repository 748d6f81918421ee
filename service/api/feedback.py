"""POST /feedback: what sales say of a lead."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter
from pydantic import BaseModel, Field, Strict, model_validator

from service.api.funnel import ERRORS, STRICT, At, Episode, Key, kept, moments
from service.api.schemas import Id, Label
from service.parts import Parts
from service.store.feedback import Feedback, add_feedback

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
CODES: tuple[str, ...] = get_args(Code)


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


class FeedbackOut(BaseModel):
    """What was kept of a verdict."""

    lead_id: str
    episode: int
    at: datetime
    decision_id: str | None
    label: Annotated[Label | None, Field(description="The label that was judged.")]
    new: Annotated[bool, Field(description="false where the same was known.")]


def feedback_router(parts: Parts) -> APIRouter:
    """Return the route for verdicts of sales."""
    router = APIRouter(tags=["funnel"], responses=ERRORS)

    # not a coroutine: the database may take its time
    @router.post("/feedback", response_model=FeedbackOut, summary="Sales accept or reject a lead")
    def feedback(said: FeedbackIn, key: Key = None) -> dict[str, Any]:
        return judge(parts, said, key)

    return router


def judge(parts: Parts, said: FeedbackIn, key: str | None = None) -> dict[str, Any]:
    """Keep a verdict of sales, and return what to answer."""
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
