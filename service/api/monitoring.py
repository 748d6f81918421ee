"""GET /monitoring: whether model and agreement still fit the world."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from features.moment import to_datetime, to_moment
from models.monitor.monitor import Monitored, monitor
from models.monitor.promises import HORIZON_DAYS
from models.monitor.reference import Reference, reference_of
from service.api.worklist import ERRORS
from service.context import context_of
from service.holder import Served
from service.monitored.promised import read_kept
from service.monitored.seen import read_observed
from service.parts import Parts

State = Literal["fine", "watch", "act"]


class CheckOut(BaseModel):
    """What one check came to."""

    check: str
    subject: Annotated[str | None, Field(description="Attribute, channel or label.")]
    verdict: State
    says: Annotated[str, Field(description="What was found, and what to do.")]
    figures: dict[str, float | None]


class MonitoringOut(BaseModel):
    """One verdict per check."""

    at: datetime
    model_version: str
    agreement_version: str
    verdict: Annotated[State, Field(description="The gravest.")]
    leads: int
    risk: Annotated[
        float, Field(description="False alarms to expect within `risk_days`, all checks together.")
    ]
    risk_days: int
    checks: list[CheckOut]
    estimated: Annotated[
        dict[str, Any], Field(description="As if the probabilities were right; no verdict.")
    ]


def monitoring_router(parts: Parts) -> APIRouter:
    """Return the route of monitoring."""
    router = APIRouter(tags=["statistics"], responses=ERRORS)

    # no coroutine: the database may take its time
    @router.get(
        "/monitoring",
        response_model=MonitoringOut,
        summary="One verdict per check: fine, watch or act, and what to do",
    )
    def monitoring(request: Request) -> dict[str, Any]:
        return looked(parts, context_of(request).language, anew=True)

    return router


def looked(parts: Parts, language: str, *, anew: bool = False) -> dict[str, Any]:
    """Return what the checks found at most a minute ago; asked for anew, what they find now.

    Looking takes seconds of a processor: pages share what was found for the same model and
    agreement, and what the route found last.
    """
    served, store = parts.holder.served, parts.require_store()

    def look(now: int) -> Monitored:
        reference = reference_of(served.scorer)
        return store.reading(lambda c: watched(c, served, reference, now))

    kept = parts.verdicts.recall(served, lambda: to_moment(parts.clock()), look, anew=anew)
    return {
        "at": to_datetime(kept.at),
        "model_version": served.model_version,
        "agreement_version": served.agreement.version,
        **kept.found.to_json(language),
    }


def watched(connection: Connection, served: Served, reference: Reference, now: int) -> Monitored:
    """Return what the checks find in the store."""
    horizon = reference.horizon_days
    names = [name for name in reference.fields if name not in ("channel", "source")]
    agreed = served.agreed
    return monitor(
        reference,
        read_observed(connection, names, served.model_version, now, horizon),
        now,
        lines={"MQL": served.lines.mql, "SQL": served.lines.sql},
        promises=read_kept(
            connection, now, horizon or HORIZON_DAYS, served.agreement.service, agreed.resolved
        ),
    )
