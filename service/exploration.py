"""Leads that chance takes out of the agreement's hands: to learn from, and to judge it by."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

from service.settings import Settings

DRAWS = 2**64
Arm = Literal["agreement", "holdout"]


def arm_of(settings: Settings, lead_id: str) -> Arm | None:
    """Return whether a new lead is routed by the agreement or held out; None: no experiment."""
    share = settings.holdout_share
    if not share:
        return None
    return "holdout" if draw(f"{settings.experiment}\0holdout", lead_id) < share else "agreement"


def offered(
    settings: Settings, answer: Mapping[str, Any], arm: Arm | None
) -> tuple[str | None, float | None]:
    """Return why a lead is offered to sales, and how likely it was to be offered.

    "label", "exploration" or "holdout": one that is held out is offered in the order of arrival,
    whatever its label. Disqualified leads are never drawn; the label does not change. Who is not
    offered has no reason, and the likelihood of what happened to others like it.
    """
    label, share = answer["label"], settings.exploration_share
    if label == "disqualified":
        return None, None
    held_out = settings.holdout_share if arm is not None else 0.0
    likely = 1.0 if label in ("MQL", "SQL") else held_out + (1.0 - held_out) * share
    if held_out and arm == "holdout":
        return "holdout", likely
    if label in ("MQL", "SQL"):
        return "label", likely
    if not likely:
        return None, None
    drawn = draw(settings.experiment, answer["lead_id"]) < share
    return ("exploration" if drawn else None), likely


def draw(experiment: str, lead_id: str) -> float:
    """Return a number from 0 to 1, the same for a lead whenever it is asked for.

    Examples
    --------
    >>> draw("first", "L-1") == draw("first", "L-1") != draw("second", "L-1")
    True
    """
    drawn = hashlib.sha256(f"{experiment}\0{lead_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) / DRAWS
