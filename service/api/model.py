"""GET /model: what is served."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from models.bundle.deployment import GateStatus
from service.api.figures import Figures
from service.parts import Parts


class AttributeOut(Figures):
    """An attribute that the model was trained on."""

    name: str
    type: str
    family: str


class ImportanceOut(Figures):
    """How much something matters."""

    about: str
    family: str
    gain: Annotated[float, Field(description="Share of the trees' gain; 0 without trees.")]
    mean_points: Annotated[
        float, Field(description="Mean absolute contribution over the reference leads.")
    ]


class DecidingOut(Figures):
    """The agreement that decides, and its lines for everybody as probabilities."""

    version: str
    unsigned: bool
    mql: float
    sql: float


class ModelOut(Figures):
    """What is served."""

    dataset: str
    version: str
    basis: Literal["model", "rates"]
    exported_at: str
    gate: GateStatus
    horizon_days: float | None
    anchor: float
    trained_on: dict[str, Any]
    metrics: dict[str, Any]
    attributes: list[AttributeOut]
    activities: list[str]
    importances: list[ImportanceOut]
    agreement: DecidingOut


def model_router(parts: Parts) -> APIRouter:
    """Return the route that describes the model."""
    router = APIRouter(tags=["model"])

    @router.get(
        "/model",
        response_model=ModelOut,
        summary="What is served: version, data, figures, importances",
    )
    async def model() -> dict[str, Any]:
        return dict(parts.holder.served.about)

    return router
