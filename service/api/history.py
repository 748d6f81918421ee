"""GET /agreements/{version}/history: past decisions under another agreement."""

from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from service.api.agreements import ERRORS, Version
from service.api.replay import made_again, served_then
from service.api.schemas import Label
from service.holder import Served
from service.parts import Parts
from service.store.decisions import newest_decisions

MOST = 5000
Limit = Annotated[int, Query(ge=1, le=MOST, description="Newest decisions that are looked at.")]


class LabelChange(BaseModel):
    """A lead that would have had another label."""

    lead_id: str
    decision_id: str
    was: Label
    now: Label


class HistoryOut(BaseModel):
    """What past decisions come to under an agreement; the record stays as it is."""

    agreement_version: str
    decisions: int
    skipped: Annotated[int, Field(description="Whose model or agreement is gone.")]
    labels: dict[Label, int]
    labels_now: dict[Label, int]
    changed: list[LabelChange]


def history_router(parts: Parts) -> APIRouter:
    """Return the route that decides history again."""
    router = APIRouter(tags=["agreement"], responses=ERRORS)

    # not a coroutine: it takes long enough to have a thread of its own
    @router.get(
        "/agreements/{version}/history",
        response_model=HistoryOut,
        summary="Past decisions under another agreement",
    )
    def history(version: Version, limit: Limit = 1000) -> dict[str, Any]:
        found = parts.require_store().reading(lambda c: newest_decisions(c, limit))
        return decided_again(parts, version, found)

    return router


def decided_again(parts: Parts, version: str, decisions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what decisions come to under an agreement."""
    models: dict[str | None, Served | None] = {}
    changed, was, now = [], Counter[str](), Counter[str]()
    for one in decisions:
        model = one["answer"]["model_version"]
        if model not in models:
            versions = {"model_version": model, "agreement_version": version}
            models[model] = served_then(parts, versions, [])
        served = models[model]
        if served is None:
            continue
        label, other = one["answer"]["label"], made_again(served, one)["label"]
        was[label] += 1
        now[other] += 1
        if label != other:
            names = {"lead_id": one["lead_id"], "decision_id": one["answer"]["decision_id"]}
            changed.append({**names, "was": label, "now": other})
    return {
        "agreement_version": version,
        "decisions": was.total(),
        "skipped": len(decisions) - was.total(),
        "labels": was,
        "labels_now": now,
        "changed": changed,
    }
