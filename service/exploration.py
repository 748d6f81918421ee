"""Some leads below the lines are offered to sales all the same, to learn from them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from service.settings import Settings

DRAWS = 2**64


def offered(settings: Settings, answer: Mapping[str, Any]) -> tuple[str | None, float | None]:
    """Return why a lead is offered to sales, "label" or "exploration", and how likely that was.

    Disqualified leads are never drawn; the label does not change. Who is not offered has no
    reason, and the likelihood of what happened to others like it.
    """
    label, share = answer["label"], settings.exploration_share
    if label in ("MQL", "SQL"):
        return "label", 1.0
    if label == "disqualified" or not share:
        return None, None
    drawn = draw(settings.experiment, answer["lead_id"]) < share
    return ("exploration" if drawn else None), share


def draw(experiment: str, lead_id: str) -> float:
    """Return a number from 0 to 1, the same for a lead whenever it is asked for.

    Examples
    --------
    >>> draw("first", "L-1") == draw("first", "L-1") != draw("second", "L-1")
    True
    """
    drawn = hashlib.sha256(f"{experiment}\0{lead_id}".encode()).digest()
    return int.from_bytes(drawn[:8]) / DRAWS
