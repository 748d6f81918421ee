"""The application: parts put together, nothing done on import."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from features.errors import LeadScoringError
from service.access.gate import Gate
from service.access.keyring import Keyring
from service.access.moments import SharedMoments
from service.access.rate import RateLimit
from service.api.activities import activities_router
from service.api.agreement import agreement_router
from service.api.agreements import agreements_router
from service.api.answer_groups import AnswerGroups
from service.api.changes import changes_router
from service.api.contacts import contacts_router
from service.api.costs import costs_router
from service.api.decision import decision_router
from service.api.erasure import erasure_router
from service.api.feedback import feedback_router
from service.api.health import health_router
from service.api.history import history_router
from service.api.lead import lead_router
from service.api.metrics import metrics_router
from service.api.model import model_router
from service.api.model_requests import model_requests_router
from service.api.monitoring import monitoring_router
from service.api.outcomes import outcomes_router
from service.api.preview import preview_router
from service.api.replay import replay_router
from service.api.schemas import (
    ActivitiesRequest,
    BatchRequest,
    ErrorOut,
    LeadIn,
    PostedActivity,
    ScoreRequest,
)
from service.api.score import score_one, score_router
from service.api.shadow import shadow_router
from service.api.similar import similar_router
from service.api.statistics import statistics_router
from service.api.worklist import worklist_router
from service.body_limit import BodyLimit
from service.clock import Clock, utc_now
from service.crm.receive import receive_router
from service.crm.settings import CrmSettings, read_crm_settings
from service.crm.telling import drains_of, telling
from service.crm.webhook_in import webhook_router
from service.edge import RequestIds, answer_http_error, answer_known_error
from service.figures import SharedFigures
from service.fresh import Pause, keep_fresh, one_second
from service.holder import ModelHolder
from service.metrics import Metrics
from service.overload import Busy, Overload
from service.parts import Parts
from service.place import Place
from service.settings import LOOPBACK, Settings
from service.shadow import Shadow
from service.shortcut import Handler, Shortcut, Straight
from service.sink import DecisionSink, NullSink
from service.store.store import Store

TITLE = "Lead scoring"
ABOUT = """Scores incoming leads, says why in points that add up, and labels them by the agreement
of marketing and sales. Moments are ISO 8601; without a zone they are UTC. Reasons come in English
or Chinese: `?lang=zh`, or the `Accept-Language` header."""

BODIES = (ScoreRequest, BatchRequest, LeadIn, PostedActivity, ActivitiesRequest)
"""What handlers read by themselves."""
ROUTERS = (
    *(decision_router, replay_router),
    *(lead_router, changes_router, similar_router, erasure_router, activities_router),
    *(feedback_router, outcomes_router, contacts_router),
    *(worklist_router, statistics_router, costs_router, monitoring_router),
    *(agreement_router, preview_router, agreements_router, history_router),
    *(model_router, model_requests_router, shadow_router),
    *(health_router, metrics_router),
)

ACCESS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorOut, "description": "A key is needed, and none was shown that opens."},
    403: {"model": ErrorOut, "description": "The key lacks the scope."},
}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""FastAPI's own would send exceptions with their messages, and asks three providers about
every request."""


def create_app(
    settings: Settings,
    *,
    holder: ModelHolder | None = None,
    sink: DecisionSink | None = None,
    store: Store | None = None,
    clock: Clock = utc_now,
    pause: Pause = one_second,
    place: Place | None = None,
    crm: CrmSettings | None = None,
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings : Settings
        How it runs.
    holder : ModelHolder, optional
        Holds the model; a new one loads the champion when the application starts.
    sink : DecisionSink, optional
        Takes decisions; by default nothing is kept.
    store : Store, optional
        Where decisions are found again.
    clock : Clock
        What time it is.
    pause : Pause
        Waits until it is time to look after changed files again.
    place : Place, optional
        Which of several workers this is; by default there are no others.
    crm : CrmSettings, optional
        How CRM systems sign and are reached; by default as the environment says.
    """
    connected = read_crm_settings() if crm is None else crm
    drains = drains_of(connected, store, clock)
    keyring = Keyring(store, clock, closed=settings.host not in LOOPBACK)
    parts = parts_of(settings, holder or ModelHolder(store), sink or NullSink(), clock, store)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if not parts.holder.ready:
            parts.holder.load(settings, clock().date())
        if parts.shadow is not None:
            parts.shadow.refresh(settings)
        watch = asyncio.create_task(keep_fresh(parts, keyring, pause))
        async with telling(drains, settings.drain_seconds):
            yield
        watch.cancel()
        if parts.shadow is not None:
            await run_in_threadpool(parts.shadow.close)

    app = FastAPIOffline(
        title=TITLE,
        description=ABOUT,
        version="0.1.0",
        redoc_url=None,
        lifespan=lifespan,
        telemetry=NO_TELEMETRY,
        responses=ACCESS,
    )
    app.state.parts, app.state.keyring = parts, keyring
    groups = AnswerGroups(parts)
    add_routes(app, parts, groups)
    app.include_router(webhook_router(parts, connected))
    app.include_router(receive_router(parts, connected))
    app.add_exception_handler(LeadScoringError, answer_known_error)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(RequestValidationError, answer_http_error)
    app.add_middleware(BodyLimit, most=settings.body_bytes, most_of_batch=settings.batch_body_bytes)
    if place is not None:
        parts.metrics.figures = SharedFigures(place.folder, place.number)
    around = partial(surrounded, layers=layers_of(parts, keyring, place))
    app.add_middleware(around)
    shorten(app, partial(score_one, parts, groups), around)
    describe_bodies(app)
    return app


def parts_of(
    settings: Settings, holder: ModelHolder, sink: DecisionSink, clock: Clock, store: Store | None
) -> Parts:
    """Return the parts; where there is a store, decisions are compared with a challenger's."""
    shadow = None if store is None else Shadow(store, holder)
    return Parts(settings, holder, sink, clock, store, shadow=shadow)


class Layers(NamedTuple):
    """What the layers share that all requests pass."""

    keyring: Keyring
    rate: RateLimit | None
    busy: Busy
    metrics: Metrics
    scores_alone: bool


def layers_of(parts: Parts, keyring: Keyring, place: Place | None) -> Layers:
    """Return what the layers share; its state is told with the metrics."""
    settings, holder = parts.settings, parts.holder
    often = settings.requests_per_minute
    busy = Busy(settings.most_under_way, settings.longest_wait_seconds, settings.crowd)

    def state() -> dict[str, float]:
        return {
            "ready": holder.ready,
            "refused_bundle": holder.problem is not None,
            "refused_agreement": holder.agreement_problem is not None,
            "model_loads_total": holder.loads,
            "model_refusals_total": holder.refusals,
            "under_way": busy.under_way,
            "shed_total": busy.refused,
            "waiting_decisions": parts.sink.waiting,
        }

    parts.metrics.watch(state)
    if parts.shadow is not None:
        parts.metrics.watch(partial(state_of_shadow, parts.shadow))
    moments = None if place is None else SharedMoments(place.folder / "rates")
    rate = None if often is None else RateLimit(often, moments)
    return Layers(keyring, rate, busy, parts.metrics, settings.unrecorded == "answer")


def state_of_shadow(shadow: Shadow) -> dict[str, float]:
    """Return what metrics tell of the comparison with a challenger."""
    return {
        "refused_challenger": shadow.challenger.problem is not None,
        "challenger_refusals_total": shadow.challenger.refusals,
        "shadow_waiting": shadow.waiting,
        "shadow_compared_total": shadow.compared,
        "shadow_dropped_total": shadow.dropped,
    }


def surrounded(app: ASGIApp, layers: Layers) -> ASGIApp:
    """Return what answers requests within the layers that all of them pass."""
    gate = Gate(app, layers.keyring, scores_alone=layers.scores_alone, rate=layers.rate)
    return RequestIds(Overload(gate, layers.busy), layers.metrics)


def shorten(app: FastAPI, score: Handler, around: Callable[[ASGIApp], ASGIApp]) -> None:
    """Let leads to be scored pass by the framework's own layers, yet not by ours."""
    framework = app.build_middleware_stack
    straight = around(Straight(score))

    def stack() -> ASGIApp:
        return Shortcut(framework(), straight, method="POST", path="/score")

    app.build_middleware_stack = stack  # type: ignore[method-assign] # built at the first request


def add_routes(app: FastAPI, parts: Parts, groups: AnswerGroups) -> None:
    """Add all routes."""
    app.include_router(score_router(parts, groups))
    for router in ROUTERS:
        app.include_router(router(parts))


def describe_bodies(app: FastAPI) -> None:
    """Add the schemas of the bodies that handlers read themselves to the description."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        page = plain()
        _, schemas = models_json_schema(
            [(model, "validation") for model in BODIES],
            ref_template="#/components/schemas/{model}",
        )
        page["components"]["schemas"].update(schemas["$defs"])
        page["components"]["securitySchemes"] = SECURITY
        page["security"] = [{}, *({name: []} for name in SECURITY)]
        return page

    app.openapi = openapi  # type: ignore[method-assign] # how FastAPI says to extend it
