"""Which leads would change label, and how many of each label come in a week."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import Lines
from models.bundle.bundle import Bundle
from models.bundle.reference import TEST
from models.preview.looked import looked_at
from models.preview.outlook import Labelled, LabelOutlook
from models.preview.preview import Preview, compared
from training.config import Gate
from training.gate.check import Check, Result
from training.gate.twins import Twins

NAME = "label volume"


def labelled(
    twins: Twins, bundle: Bundle, agreement: Agreement, lines: Lines, before: Lines | None = None
) -> Preview | None:
    """Return the labels of the newest leads under both twins; None where they are not known.

    Leads count as they do in a preview: from the moments at which they got a label first, by
    all rules of the agreement.

    Parameters
    ----------
    bundle : Bundle
        The challenger's; its reference leads keep what rules look at.
    lines : Lines
        What the agreement's lines come to for the challenger.
    before : Lines, optional
        What they come to for the champion; a capacity is another probability for each model.
    """
    looked = looked_at(bundle.reference, TEST, bundle.manifest.space)
    own = twins.tested.get(twins.own)
    beside = None if twins.beside is None else twins.tested.get(twins.beside)
    if own is None or beside is None or not len(own) == len(beside) == looked.n_rows > 0:
        return None
    return compared(
        Labelled.of(replace(looked, probability=own), agreement, lines),
        Labelled.of(replace(looked, probability=beside), agreement, before or lines),
    )


def volumes(shown: Preview | None, version: str, gate: Gate, *, approved: bool) -> Check:
    """Check that the leads of each label stay as many as they were, or that this was approved.

    Parameters
    ----------
    shown : Preview or None
        From `labelled`.
    version : str
        Of the agreement.
    approved : bool
        Whether somebody has seen and approved the new volumes.
    """
    if shown is None or shown.old is None:
        why = "the newest leads were not kept with both probabilities; train again"
        return Check(NAME, "cannot tell", {}, gate.volume_change, why)
    found = {}
    for was, now in zip(shown.old.labels, shown.new.labels, strict=True):
        if was.leads + now.leads > 0.0:
            found[now.label] = _volume(was, now)
    flips = _changed(shown.flips)
    moved = [label for label, volume in found.items() if _moved(volume, gate.volume_change)]
    figures = {
        "agreement": version,
        "weeks": shown.new.weeks,
        "volumes": found,
        "flips": flips,
        "approved": approved,
    }
    said = (
        f"{sum(flips.values()):,.0f} of {shown.new.leads:,.0f} leads change label"
        f"{_listed(flips)}; "
        + ", ".join(f"{label} {_shown(volume)}" for label, volume in found.items())
        + f"; a change over {gate.volume_change:.0%} needs approval"
    )
    if not moved:
        return Check(NAME, "passed", figures, gate.volume_change, said)
    said += ", which was given" if approved else f" ({', '.join(moved)}): APPROVE=1"
    result: Result = "passed" if approved else "failed"
    return Check(NAME, result, figures, gate.volume_change, said)


def _volume(was: LabelOutlook, now: LabelOutlook) -> dict[str, Any]:
    volume: dict[str, Any] = {"before": was.leads, "after": now.leads}
    if now.per_week is not None:
        volume |= {"before_per_week": was.per_week, "after_per_week": now.per_week}
    return volume


def _changed(flips: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"{was} -> {now}": flips[was][now]
        for was in LABELS
        for now in LABELS
        if was != now and flips[was][now] > 0.0
    }


def _moved(volume: dict[str, Any], most: float) -> bool:
    change, allowed = abs(volume["after"] - volume["before"]), most * volume["before"]
    return bool(change > allowed and not np.isclose(change, allowed))


def _listed(flips: Mapping[str, float]) -> str:
    listed = ", ".join(f"{count:,.0f} {flip}" for flip, count in flips.items())
    return f" ({listed})" if listed else ""


def _shown(volume: dict[str, Any]) -> str:
    if "before_per_week" in volume:
        return f"{volume['before_per_week']:.1f} to {volume['after_per_week']:.1f} a week"
    return f"{volume['before']:,.0f} to {volume['after']:,.0f}"
