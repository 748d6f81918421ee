"""GET /shadow: how a challenger compares with what answers."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from features.moment import to_datetime, to_moment
from models.bundle.folder import NAME
from service.api.figures import Figures
from service.api.read import moment_of
from service.api.schemas import Label, Moment
from service.api.worklist import ERRORS
from service.parts import Parts
from service.statistics.shadow import newest_challenger, read_shadow
from service.statistics.span import Span

DAYS = 30
HORIZON_DAYS = 90
Since = Annotated[Moment | None, Query(description="Decided since; default: 30 days ago.")]
Until = Annotated[Moment | None, Query(description="Decided before; default: now.")]
Version = Annotated[
    str | None,
    Query(
        pattern=f"^{NAME.pattern}$",
        description="Of the challenger; default: the present one, else the one compared last.",
    ),
]


class ShiftOut(Figures):
    """The challenger's score less the champion's; null where nothing was compared."""

    mean: float | None
    mean_absolute: float | None
    p5: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p95: float | None


class PairOut(Figures):
    """Decisions that one model labels so, and the other otherwise."""

    champion: Label
    challenger: Label
    decisions: int


class FlippedOut(Figures):
    """A lead with another label by the challenger."""

    lead_id: str
    episode: int
    decision_id: str
    decided_at: datetime
    champion_label: Label
    challenger_label: Label
    champion_score: int
    challenger_score: int


class FlipsOut(Figures):
    """Labels that differ."""

    decisions: int
    pairs: list[PairOut]
    leads: Annotated[list[FlippedOut], Field(description="The newest 100.")]


class CostOut(Figures):
    """Of one lead alone, score and explanation; measured at one lead of each group."""

    of: int
    median_ms: float | None
    p95_ms: float | None


class CostsOut(Figures):
    """Of both models, measured alike on the same leads."""

    clock: Annotated[
        Literal["cpu"],
        Field(
            description="Computing time of one thread: no waiting, no agreement, no storing, so "
            "not how long a caller waits (that is in /metrics)."
        ),
    ]
    champion: CostOut
    challenger: CostOut


class FitOut(Figures):
    """What a model said, beside what happened."""

    expected: Annotated[float | None, Field(description="Sum of the probabilities.")]
    observed_expected: Annotated[float | None, Field(description="Wins over that sum.")]
    brier: float | None
    log_loss: float | None


class JudgedOut(Figures):
    """Both models on the same leads, each at its first decision of the span."""

    leads: int
    won: Annotated[int, Field(description="Within the horizon.")]
    champion: FitOut
    challenger: FitOut
    log_loss_difference: Annotated[
        float | None, Field(description="Challenger less champion, paired; 95 % interval below.")
    ]
    log_loss_low: float | None
    log_loss_high: float | None


class OutcomesOut(Figures):
    """As outcomes come."""

    over: Annotated[JudgedOut, Field(description="Leads whose horizon is over.")]
    closed_before: Annotated[
        JudgedOut,
        Field(description="Leads that were won or lost sooner: a first sign, and no calibration."),
    ]


class ShadowOut(Figures):
    """The challenger beside the champion, on the same decisions."""

    since: datetime
    until: datetime
    challenger_version: str | None
    champion_versions: list[str]
    problem: Annotated[str | None, Field(description="Why nothing is compared at present.")]
    compared: Annotated[int, Field(description="Decisions of the span.")]
    looked_at: Annotated[int, Field(description="The newest of them, which the figures are of.")]
    leads: int
    dropped: Annotated[int, Field(description="Decisions that there was no time to compare.")]
    shift: ShiftOut
    flips: FlipsOut
    cost: CostsOut
    horizon_days: int
    outcomes: OutcomesOut


def shadow_router(parts: Parts) -> APIRouter:
    """Return the route of the comparison."""
    router = APIRouter(tags=["model"], responses=ERRORS)

    # no coroutine: the database may take its time
    @router.get(
        "/shadow",
        response_model=ShadowOut,
        summary="What a challenger would have answered: shifts, flips, cost, calibration",
    )
    def shadow(
        since: Since = None, until: Until = None, challenger: Version = None
    ) -> dict[str, Any]:
        now = parts.clock()
        start = to_moment(now - timedelta(days=DAYS)) if since is None else moment_of(since)
        end = to_moment(now) + 1 if until is None else moment_of(until)
        span = Span(start, end)
        found = parts.require_store().reading(lambda c: shadowed(parts, c, span, challenger))
        return {"since": to_datetime(start), "until": to_datetime(end), **found}

    return router


def shadowed(
    parts: Parts, connection: Connection, span: Span, version: str | None
) -> dict[str, Any]:
    """Return the comparison with a challenger: the one asked for, the present or the last one."""
    present = None if parts.shadow is None else parts.shadow.challenger
    served = None if present is None else present.served
    chosen = version or (None if served is None else served.model_version)
    chosen = chosen or newest_challenger(connection)
    holder = parts.holder
    horizon = holder.served.scorer.manifest.horizon_days if holder.ready else None
    now = to_moment(parts.clock())
    found = read_shadow(connection, chosen or "", span, now, horizon or HORIZON_DAYS)
    problem = None if present is None else present.problem
    return {**found, "challenger_version": chosen, "problem": problem}
