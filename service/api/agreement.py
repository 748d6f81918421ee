"""GET /agreement: what decides the labels."""

from typing import Any

from fastapi import APIRouter, Request

from service.context import context_of
from service.parts import Parts


def agreement_router(parts: Parts) -> APIRouter:
    """Return the route that shows the agreement."""
    router = APIRouter(tags=["agreement"])

    @router.get("/agreement", summary="The agreement that decides the labels, in words")
    async def agreement(request: Request) -> dict[str, Any]:
        return parts.holder.served.agreed.to_json(context_of(request).language)

    return router
