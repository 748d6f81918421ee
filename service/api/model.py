"""GET /model: what is served."""

from typing import Any

from fastapi import APIRouter

from service.parts import Parts


def model_router(parts: Parts) -> APIRouter:
    """Return the route that describes the model."""
    router = APIRouter(tags=["model"])

    @router.get("/model", summary="What is served: version, data, figures, importances")
    async def model() -> dict[str, Any]:
        return dict(parts.holder.served.about)

    return router
