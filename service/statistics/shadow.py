"""How the challenger compares with the champion, on the same decisions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, func, select

from features.arrays import BoolArray, FloatArray
from features.moment import DAY, to_datetime
from service.statistics.span import Span
from service.store.tables import LEADS, SHADOWS, SHADOWS_DROPPED

NEWEST = 50_000
"""Decisions that are compared at most, the newest of the span."""
MOST_FLIPS = 100
SHIFTS = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
MODELS = ("champion", "challenger")
LEAST, MOST = 1e-12, 1.0 - 1e-12
NORMAL_95 = 1.96
C = SHADOWS.c


def newest_challenger(connection: Connection) -> str | None:
    """Return the challenger that was compared last, None where none was."""
    query = select(C.challenger_version).order_by(C.decided_at.desc()).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def read_shadow(
    connection: Connection, version: str, span: Span, now: int, horizon_days: int
) -> dict[str, Any]:
    """Return what the comparison comes to.

    Parameters
    ----------
    version : str
        The challenger's.
    span : Span
        When the leads were decided.
    now : int
        Moment.
    horizon_days : int
        A win within so many days after the decision's moment counts.
    """
    own = (C.challenger_version == version) & span.holds(C.decided_at)
    became = (LEADS.c.lead_id == C.lead_id) & (LEADS.c.episode == C.episode)
    query = select(SHADOWS, LEADS.c.outcome, LEADS.c.outcome_at).join(LEADS, became).where(own)
    order = (C.decided_at.desc(), C.decision_id.desc())
    rows = connection.execute(query.order_by(*order).limit(NEWEST)).all()
    total = connection.execute(select(func.count()).select_from(SHADOWS).where(own)).scalar() or 0
    return {
        "challenger_version": version,
        "champion_versions": sorted({row.champion_version for row in rows}),
        "compared": total,
        "looked_at": len(rows),
        "leads": len({(row.lead_id, row.episode) for row in rows}),
        "dropped": _dropped(connection, version, span),
        "shift": _shift(rows),
        "flips": _flips(rows),
        "cost": {"clock": "cpu"} | {model: _cost(rows, f"{model}_us") for model in MODELS},
        "horizon_days": horizon_days,
        "outcomes": _outcomes(rows, now, horizon_days),
    }


def _dropped(connection: Connection, version: str, span: Span) -> int:
    d = SHADOWS_DROPPED.c
    query = select(func.sum(d.decisions)).where(d.challenger_version == version, span.holds(d.hour))
    return int(connection.execute(query).scalar() or 0)


def _shift(rows: Sequence[Row[Any]]) -> dict[str, float | None]:
    if not rows:
        return dict.fromkeys(("mean", "mean_absolute", *SHIFTS))
    shift = np.array([row.challenger_score - row.champion_score for row in rows], dtype=np.float64)
    at = np.quantile(shift, list(SHIFTS.values())).tolist()
    mean = {"mean": float(shift.mean()), "mean_absolute": float(np.abs(shift).mean())}
    return mean | dict(zip(SHIFTS, at, strict=True))


def _flips(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    """Return how many labels differ, from which to which, and the newest such leads."""
    flipped = [row for row in rows if row.champion_label != row.challenger_label]
    pairs = Counter((row.champion_label, row.challenger_label) for row in flipped)
    return {
        "decisions": len(flipped),
        "pairs": [
            {"champion": pair[0], "challenger": pair[1], "decisions": count}
            for pair, count in sorted(pairs.items(), key=lambda one: (-one[1], one[0]))
        ],
        "leads": [_flipped(row) for row in flipped[:MOST_FLIPS]],
    }


def _flipped(row: Row[Any]) -> dict[str, Any]:
    names = ("lead_id", "episode", "decision_id")
    sides = [f"{model}_{name}" for model in MODELS for name in ("label", "score")]
    told = {name: getattr(row, name) for name in (*names, *sides)}
    return {**told, "decided_at": to_datetime(row.decided_at)}


def _cost(rows: Sequence[Row[Any]], column: str) -> dict[str, Any]:
    spent = [getattr(row, column) / 1000.0 for row in rows if getattr(row, column) is not None]
    if not spent:
        return {"of": 0, "median_ms": None, "p95_ms": None}
    median, p95 = np.quantile(spent, [0.5, 0.95]).tolist()
    return {"of": len(spent), "median_ms": median, "p95_ms": p95}


def _outcomes(rows: Sequence[Row[Any]], now: int, horizon_days: int) -> dict[str, Any]:
    """Return what both models said of leads whose horizon is over, and of those closed before.

    Each lead counts once, by the first decision of the span.
    """
    first = {(row.lead_id, row.episode): row for row in rows}  # rows begin with the newest
    over, closed = [], []
    for row in first.values():
        if row.as_of + horizon_days * DAY <= now:
            over.append(row)
        elif row.outcome is not None:
            closed.append(row)
    return {"over": _judged(over, horizon_days), "closed_before": _judged(closed, horizon_days)}


def _judged(rows: Sequence[Row[Any]], horizon_days: int) -> dict[str, Any]:
    within = [
        row.outcome == "won" and row.outcome_at <= row.as_of + horizon_days * DAY for row in rows
    ]
    won = np.array(within, dtype=np.bool_)
    said = {
        model: np.array([getattr(row, f"{model}_probability") for row in rows], dtype=np.float64)
        for model in MODELS
    }
    losses = {model: _log_losses(p, won) for model, p in said.items()}
    figures = {model: _figures(p, won, losses[model]) for model, p in said.items()}
    difference = losses["challenger"] - losses["champion"]
    return {"leads": len(rows), "won": int(won.sum()), **figures, **_interval(difference)}


def _log_losses(probability: FloatArray, won: BoolArray) -> FloatArray:
    p = np.clip(probability, LEAST, MOST)
    losses: FloatArray = -np.log(np.where(won, p, 1.0 - p))
    return losses


def _figures(probability: FloatArray, won: BoolArray, losses: FloatArray) -> dict[str, Any]:
    if not won.size:
        names = ("expected", "observed_expected", "brier", "log_loss")
        return dict.fromkeys(names)
    expected = float(probability.sum())
    return {
        "expected": expected,
        "observed_expected": float(won.sum()) / expected if expected else None,
        "brier": float(((probability - won) ** 2).mean()),
        "log_loss": float(losses.mean()),
    }


def _interval(difference: FloatArray) -> dict[str, float | None]:
    """Return the mean of paired differences in log loss, with a 95 % interval."""
    names = ("log_loss_difference", "log_loss_low", "log_loss_high")
    if difference.size < 2:
        return dict.fromkeys(names)
    mean = float(difference.mean())
    half = NORMAL_95 * float(difference.std(ddof=1)) / float(np.sqrt(difference.size))
    return dict(zip(names, (mean, mean - half, mean + half), strict=True))
