"""Which leads would change label, and how many of each label come in a week."""

from collections import Counter
from typing import Any

import numpy as np

from features.activities.table import no_activities
from features.arrays import FloatArray
from features.column import column_of, constant_column
from features.leads import Leads
from features.moment import DAY, NEVER
from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import Lines
from models.agreement.qualify import qualify
from training.config import Gate
from training.gate.check import Check, Result
from training.gate.twins import Twins

WEEK = 7 * DAY


def volumes(
    twins: Twins,
    beside: str,
    agreement: Agreement,
    lines: Lines,
    gate: Gate,
    *,
    approved: bool,
    before: Lines | None = None,
) -> Check:
    """Check that the leads of each label stay as many as they were, or that this was approved.

    All leads are taken to pass the rules of fit and intent, which both models share.

    Parameters
    ----------
    lines : Lines
        What the agreement's lines come to for the challenger.
    before : Lines, optional
        What they come to for the champion; a capacity is another probability for each model.
    approved : bool
        Whether somebody has seen and approved the new volumes.
    """
    old = _labels(twins, twins.judged.probability[beside], agreement, before or lines)
    new = _labels(twins, twins.judged.probability[twins.own], agreement, lines)
    flips = Counter(f"{was} -> {now}" for was, now in zip(old, new, strict=True) if was != now)
    weeks = _weeks(twins)
    found = {label: _volume(old.count(label), new.count(label), weeks) for label in LABELS}
    found = {label: volume for label, volume in found.items() if volume["before"] + volume["after"]}
    moved = [label for label, volume in found.items() if _moved(volume, gate.volume_change)]
    figures = {
        "agreement": agreement.version,
        "weeks": weeks,
        "volumes": found,
        "flips": dict(sorted(flips.items())),
        "approved": approved,
    }
    said = (
        f"{flips.total()} of {len(old)} leads change label{_listed(flips)}; "
        + ", ".join(f"{label} {_shown(volume)}" for label, volume in found.items())
        + f"; a change over {gate.volume_change:.0%} needs approval"
    )
    if not moved:
        return Check("label volume", "passed", figures, gate.volume_change, said)
    said += ", which was given" if approved else f" ({', '.join(moved)}): APPROVE=1"
    result: Result = "passed" if approved else "failed"
    return Check("label volume", result, figures, gate.volume_change, said)


def _labels(twins: Twins, probability: FloatArray, agreement: Agreement, lines: Lines) -> list[str]:
    """Return labels by probability alone: twins keep nothing that rules could look at."""
    n = len(probability)
    leads = Leads(
        as_of=twins.created_at,
        created_at=twins.created_at,
        channel=column_of(twins.judged.channel),
        source=constant_column(None, n),
        episode=np.ones(n, dtype=np.int64),
        attributes={},
    )
    now = int(twins.created_at.max())
    plain = Agreement(agreement.dataset, agreement.version, agreement.lines)
    own = Lines(lines.mql, lines.sql, {}, lines.mql_share, lines.sql_share)
    return qualify(leads, no_activities(n), probability, plain, own, now=now).labels


def _weeks(twins: Twins) -> float | None:
    """Return how many weeks the leads came in, at least a day; None without dates."""
    known = twins.created_at[twins.created_at != NEVER]
    if len(known) == 0:
        return None
    return max(int(known.max() - known.min()), DAY) / WEEK


def _volume(before: int, after: int, weeks: float | None) -> dict[str, Any]:
    volume: dict[str, Any] = {"before": before, "after": after}
    if weeks is not None:
        volume |= {"before_per_week": before / weeks, "after_per_week": after / weeks}
    return volume


def _moved(volume: dict[str, Any], most: float) -> bool:
    return abs(volume["after"] - volume["before"]) > most * volume["before"]


def _listed(flips: Counter[str]) -> str:
    listed = ", ".join(f"{count} {flip}" for flip, count in sorted(flips.items()))
    return f" ({listed})" if listed else ""


def _shown(volume: dict[str, Any]) -> str:
    if "before_per_week" in volume:
        return f"{volume['before_per_week']:.1f} to {volume['after_per_week']:.1f} a week"
    return f"{volume['before']} to {volume['after']}"
