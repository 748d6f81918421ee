"""GET /statistics/...: what the store tells of many leads at once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from features.moment import to_datetime, to_moment
from service.api.figures import (
    ContactsOut,
    CostOfChannelsOut,
    EffectOut,
    FunnelOut,
    LabelsOut,
    ValueOut,
)
from service.api.read import moment_of
from service.api.schemas import Moment
from service.api.worklist import ERRORS
from service.parts import Parts
from service.statistics.contacts import read_contacts
from service.statistics.costs import read_cost
from service.statistics.effect import read_effect
from service.statistics.funnel import read_funnel
from service.statistics.labels import read_labels, read_rejections
from service.statistics.span import Period, Span
from service.statistics.value import read_value

DAYS = 90
HORIZON_DAYS = 90
Since = Annotated[Moment | None, Query(description="Leads created since; default: 90 days ago.")]
Until = Annotated[Moment | None, Query(description="Leads created before; default: now.")]


def statistics_router(parts: Parts) -> APIRouter:
    """Return the routes of statistics."""
    router = APIRouter(tags=["statistics"], responses=ERRORS)

    # no coroutines: the database may take its time
    @router.get(
        "/statistics/funnel",
        response_model=FunnelOut,
        summary="How far leads come, by channel and period",
    )
    def funnel(
        since: Since = None, until: Until = None, period: Period = "month"
    ) -> dict[str, Any]:
        return told(parts, since, until, lambda c, span: read_funnel(c, span, period))

    @router.get(
        "/statistics/labels",
        response_model=LabelsOut,
        summary="Acceptance and precision of labels, and promises",
    )
    def labels(since: Since = None, until: Until = None) -> dict[str, Any]:
        now = to_moment(parts.clock())
        horizon = horizon_of(parts)

        def read(connection: Connection, span: Span) -> dict[str, Any]:
            return {
                "horizon_days": horizon,
                "labels": read_labels(connection, span, now, horizon),
                "rejections": read_rejections(connection, span),
                "promised": promised(parts),
            }

        return told(parts, since, until, read)

    @router.get(
        "/statistics/contacts",
        response_model=ContactsOut,
        summary="How fast and how often leads are contacted",
    )
    def contacts(since: Since = None, until: Until = None) -> dict[str, Any]:
        levels = parts.holder.served.agreement.service
        return told(parts, since, until, lambda c, span: {"labels": read_contacts(c, span, levels)})

    @router.get("/statistics/value", response_model=ValueOut, summary="What channels bring")
    def value(since: Since = None, until: Until = None) -> dict[str, Any]:
        return told(parts, since, until, lambda c, span: {"channels": read_value(c, span)})

    add_costs(router, parts)
    add_effect(router, parts)
    return router


def add_costs(router: APIRouter, parts: Parts) -> None:
    """Add the route that tells what leads and wins cost."""

    @router.get(
        "/statistics/costs",
        response_model=CostOfChannelsOut,
        summary="What leads and wins cost, by channel, where costs are given",
    )
    def costs(since: Since = None, until: Until = None) -> dict[str, Any]:
        now, horizon = to_moment(parts.clock()), horizon_of(parts)
        form = channel_form(parts)
        return told(parts, since, until, lambda c, span: read_cost(c, span, now, horizon, form))


def add_effect(router: APIRouter, parts: Parts) -> None:
    """Add the route that compares leads held out of the agreement with the others."""

    @router.get(
        "/statistics/effect",
        response_model=EffectOut,
        summary="What the agreement changes, by leads held out of it",
    )
    def effect(since: Since = None, until: Until = None) -> dict[str, Any]:
        now, horizon = to_moment(parts.clock()), horizon_of(parts)

        def read(connection: Connection, span: Span) -> dict[str, Any]:
            found = read_effect(connection, span, now, horizon)
            return {"horizon_days": horizon, **found}

        return told(parts, since, until, read, days=2 * horizon)


def told(
    parts: Parts,
    since: Any,
    until: Any,
    read: Callable[[Connection, Span], dict[str, Any]],
    days: float = DAYS,
) -> dict[str, Any]:
    """Return what a span of time comes to, and which one it is; by default so many days."""
    now = parts.clock()
    end = to_moment(now) if until is None else moment_of(until)
    start = to_moment(now - timedelta(days=days)) if since is None else moment_of(since)
    span = Span(start, end)
    found = parts.require_store().reading(lambda connection: read(connection, span))
    return {"since": to_datetime(start), "until": to_datetime(end), **found}


def horizon_of(parts: Parts) -> int:
    """Return in how many days a lead's outcome counts."""
    return int(parts.holder.served.scorer.manifest.horizon_days or HORIZON_DAYS)


def channel_form(parts: Parts) -> Callable[[str], str | None]:
    """Return what makes of a channel's name the form in which leads have it."""
    return partial(parts.holder.served.space.stored, "channel")


def promised(parts: Parts) -> list[dict[str, Any]]:
    """Return what the agreement's lines promised, as they were drawn for this model."""
    resolved = parts.holder.served.agreed.resolved
    return [] if resolved is None else [one.to_json() for one in resolved.resolved]
