"""POST /contacts: an attempt to reach a lead."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Strict

from service.api.funnel import ERRORS, STRICT, At, Episode, Key, kept, moments
from service.api.schemas import Id
from service.parts import Parts
from service.store.contacts import Contact, add_contact


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


class ContactOut(BaseModel):
    """What was kept of an attempt."""

    lead_id: str
    episode: int
    at: datetime
    means: str
    reached: bool
    new: bool


def contacts_router(parts: Parts) -> APIRouter:
    """Return the route for attempts to reach a lead."""
    router = APIRouter(tags=["funnel"], responses=ERRORS)

    # not a coroutine: the database may take its time
    @router.post("/contacts", response_model=ContactOut, summary="An attempt to reach a lead")
    def contacts(said: ContactIn, key: Key = None) -> dict[str, Any]:
        return note_contact(parts, said, key)

    return router


def note_contact(parts: Parts, said: ContactIn, key: str | None = None) -> dict[str, Any]:
    """Keep an attempt, and return what to answer."""
    at, now = moments(parts, said.at)
    new = Contact(said.lead_id, said.episode, at, said.means, said.reached, now)
    return kept(parts, said, key, now, lambda c: add_contact(c, new))
