"""GET /health/live and /health/ready."""

from typing import Any, Literal

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, ConfigDict

from service.errors import RETRY_AFTER_SECONDS
from service.parts import Parts


class LiveOut(BaseModel):
    """The process answers."""

    status: Literal["live"]


class ReadyOut(BaseModel):
    """What is served, or why nothing is; without a model only `status` and `problem`."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    status: Literal["ready", "rules", "no model"]
    dataset: str | None = None
    model_version: str | None = None
    agreement_version: str | None = None
    unsigned: bool | None = None
    agreement_problem: str | None = None
    warnings: list[str] | None = None
    challenger_version: str | None = None
    challenger_problem: str | None = None
    problem: str | None


def health_router(parts: Parts) -> APIRouter:
    """Return the routes that say how the service is."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", response_model=LiveOut, summary="Whether the process answers")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get(
        "/ready",
        response_model=ReadyOut,
        response_model_exclude_unset=True,
        summary="Whether leads can be scored",
    )
    async def ready(response: Response) -> dict[str, Any]:
        if parts.holder.degraded:
            agreement = parts.holder.answering.agreement
            return {
                "status": "rules",
                "agreement_version": agreement.version,
                "problem": parts.holder.problem,
            }
        if not parts.holder.ready:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return {"status": "no model", "problem": parts.holder.problem}
        served = parts.holder.served
        return {
            "status": "ready",
            "dataset": served.scorer.manifest.dataset,
            "model_version": served.model_version,
            "agreement_version": served.agreement.version,
            "unsigned": served.agreed.unsigned,
            "agreement_problem": parts.holder.agreement_problem,
            "warnings": list(served.warnings),
            **beside(parts),
            "problem": parts.holder.problem,
        }

    return router


def beside(parts: Parts) -> dict[str, str | None]:
    """Return which challenger is compared, or why none is; nothing where there is none."""
    if parts.shadow is None:
        return {}
    challenger = parts.shadow.challenger
    version = None if challenger.served is None else challenger.served.model_version
    if version is None and challenger.problem is None:
        return {}
    return {"challenger_version": version, "challenger_problem": challenger.problem}
