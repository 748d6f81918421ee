"""GET /agreement: what decides the labels."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from service.api.figures import Figures
from service.context import context_of
from service.parts import Parts


class LinesOut(Figures):
    """Lines as probabilities; shares where leads are exactly on a line and not all are over it."""

    mql: float
    sql: float
    mql_share: float | None = None
    sql_share: float | None = None
    segments: "dict[str, LinesOut] | None" = None


class SignatureOut(Figures):
    """Who signed."""

    name: str
    role: str
    date: date


class PartOut(Figures):
    """A part of the agreement in words."""

    title: str
    lines: list[str]


class DecidingAgreement(Figures):
    """What decides the labels."""

    dataset: str
    version: str
    valid_from: date | None
    hash: Annotated[str, Field(description="Of the content.")]
    unsigned: Annotated[bool, Field(description="It decides, although not both sides signed.")]
    not_signed_by: list[str]
    signatures: list[SignatureOut]
    lines: LinesOut
    text: list[PartOut]
    content: Annotated[dict[str, Any], Field(description="The agreement as it was written.")]


def agreement_router(parts: Parts) -> APIRouter:
    """Return the route that shows the agreement."""
    router = APIRouter(tags=["agreement"])

    @router.get(
        "/agreement",
        response_model=DecidingAgreement,
        response_model_exclude_unset=True,
        summary="The agreement that decides the labels, in words",
    )
    async def agreement(request: Request) -> dict[str, Any]:
        return parts.holder.served.agreed.to_json(context_of(request).language)

    return router
