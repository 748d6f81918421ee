"""GET /metrics, for Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.parts import Parts


def metrics_router(parts: Parts) -> APIRouter:
    """Return the route that tells how the service does."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        summary="Requests, scores, labels and the state of this process, for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        return Response(parts.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
