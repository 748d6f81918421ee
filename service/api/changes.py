"""GET /leads/{id}/changes: what would give a lead another label, one thing at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from service.api.answer import iso
from service.api.asked import Asked, asked_again
from service.api.deciding import answer_asked
from service.api.ideas import filled_in, one_more
from service.api.schemas import ErrorOut, Label, Value
from service.context import context_of
from service.errors import NotFoundError
from service.holder import Served
from service.parts import Parts
from service.rules_alone import RulesAlone
from service.store.known import KnownLead
from service.words import words

DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90)
"""After which it is looked whether time alone has changed the label."""

ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorOut, "description": "No such lead is stored, or there is no store."},
    503: {"model": ErrorOut, "description": "No model, or no database; try again later."},
}


class Change(NamedTuple):
    """One thing that would give a lead another label.

    Parameters
    ----------
    what : "attribute", "activity" or "time"
        Something that nobody has filled in becomes known; one more activity; nothing at all.
    about : str or None
        Name of the attribute or kind of the activity.
    value : number, text, flag, list or None
        Of the attribute, as somebody could send it.
    at : str or None
        From when on, where time is what changes it.
    text : str
        In words.
    label, grade : str
        That it would have.
    score : int or None
        That it would have; None without a model.
    """

    what: Literal["attribute", "activity", "time"]
    about: str | None
    value: Any
    at: str | None
    text: str
    label: str
    grade: str
    score: int | None


class ChangeOut(BaseModel):
    """One thing that would give a lead another label."""

    what: Literal["attribute", "activity", "time"]
    about: Annotated[str | None, Field(description="Name of the attribute or activity kind.")]
    value: Annotated[Value, Field(description="Of the attribute, as it could be sent.")]
    at: Annotated[str | None, Field(description="From when on, where time changes it.")]
    text: str
    label: Label
    grade: str
    score: int | None


class ChangesOut(BaseModel):
    """What would change a lead's label: the view of model and agreement, no cause."""

    lead_id: str
    episode: int
    as_of: str
    label: Annotated[Label, Field(description="As it is now.")]
    score: int | None
    looked_at: Annotated[int, Field(description="Leads that might be, besides those in time.")]
    changes: list[ChangeOut]


def changes_router(parts: Parts) -> APIRouter:
    """Return the route that says what would change a label."""
    router = APIRouter(tags=["lead"], responses=ERRORS)

    # not a coroutine: it answers for a hundred leads
    @router.get(
        "/leads/{lead_id}/changes",
        response_model=ChangesOut,
        summary="What would give the lead another label",
    )
    def changes(
        lead_id: Annotated[str, Path(min_length=1, max_length=200)],
        request: Request,
        episode: Annotated[int | None, Query(ge=1, le=1000)] = None,
    ) -> dict[str, Any]:
        known = parts.require_store().known([(lead_id, episode)]).get((lead_id, episode))
        if known is None:
            raise NotFoundError("lead_id: no such lead is stored")
        return changes_of(parts, known, context_of(request).language, parts.clock())

    return router


def changes_of(parts: Parts, known: KnownLead, language: str, now: datetime) -> dict[str, Any]:
    """Return what would change the label of a stored lead.

    Every lead that might be is answered by the way that `POST /score` takes, as a dry run.
    Looked at is one thing at a time: each attribute that nobody has filled in with the values
    that are usual among past leads, one more activity of each kind, and the time until a
    lead of which nothing more is heard has another label.

    Parameters
    ----------
    known : KnownLead
        As it is stored.
    language : str
        Of the words, "en" or "zh".
    now : datetime

    Raises
    ------
    NotReadyError
        When no model is loaded.
    """
    served = parts.holder.answering
    asked = asked_again(known, now, served.agreement)
    [usual] = answers(parts, served, [asked], language, now)
    ideas = [
        *filled_in(served, asked, usual["missing"], language),
        *one_more(served, asked, language, now),
    ]
    found = [
        Change(one.what, one.about, one.value, None, one.text, *told(answer))
        for one, answer in zip(
            ideas, answers(parts, served, [one.asked for one in ideas], language, now), strict=True
        )
        if answer["label"] != usual["label"]
    ]
    over = in_time(parts, served, known, usual["label"], language, now)
    return {
        "lead_id": known.lead_id,
        "episode": known.episode,
        "as_of": iso(now),
        "label": usual["label"],
        "score": usual["score"],
        "looked_at": len(ideas),
        "changes": [one._asdict() for one in (*found, *over)],
    }


def answers(
    parts: Parts,
    served: Served | RulesAlone,
    asked: Sequence[Asked],
    language: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the answers to leads that might be; nothing of them is kept."""
    if not asked:
        return []
    found = answer_asked(parts, served, asked, [language] * len(asked), now)
    return [one.body for one in found]


def told(answer: dict[str, Any]) -> tuple[str, str, int | None]:
    """Return label, grade and score of an answer."""
    return answer["label"], answer["grade"], answer["score"]


def in_time(
    parts: Parts,
    served: Served | RulesAlone,
    known: KnownLead,
    label: str,
    language: str,
    now: datetime,
) -> list[Change]:
    """Return from which day on a lead of which nothing is heard has another label."""

    def then(days: int) -> dict[str, Any]:
        at = now + timedelta(days=days)
        asked = asked_again(known, at, served.agreement)
        return answers(parts, served, [asked], language, at)[0]

    for before, after in pairwise((0, *DAYS)):
        if then(after)["label"] == label:
            continue
        day = next(day for day in range(before + 1, after + 1) if then(day)["label"] != label)
        at = iso(now + timedelta(days=day))
        text = words(language)["changes"]["time"].format(days=day)
        return [Change("time", None, None, at, text, *told(then(day)))]
    return []
