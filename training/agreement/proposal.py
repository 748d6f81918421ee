"""From what past leads tell to the parts of an agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np

from features.arrays import FloatArray
from training.agreement.found import Found, FoundDeed, FoundTrait, Past

MOST_CRITERIA: Final = 6
MOST_SIGNALS: Final = 10
MOST_WEIGHT: Final = 5
STEP: Final = 5
GRADE_SHARES: Final = (0.2, 0.45, 0.75)
"""Shares of the training leads that A, A and B, and A to C take."""
KNOWN_SHARE: Final = 0.5
EXPLICIT_LIFT: Final = 1.5
EXPLICIT_WORDS: Final = ("demo", "trial", "pric", "quote", "offer", "buy", "contact_sales")
EXPLICIT_WORDS_ZH: Final = ("演示", "试用", "价格", "报价", "购买")
INQUIRY_WORDS: Final = (
    "form",
    "contact",
    "chat",
    "reply",
    "webinar",
    "booth",
    "download",
    "call_in",
)
INQUIRY_WORDS_ZH: Final = ("表单", "咨询", "回复", "研讨会", "展位", "下载", "来电")
OPTED_OUT_WORDS: Final = ("unsubscribe", "opt_out", "opted_out", "退订")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A trait of the ideal customer profile and its weight."""

    found: FoundTrait
    weight: int


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign of intent and its points."""

    found: FoundDeed | FoundTrait
    points: int
    explicit: bool


@dataclass(frozen=True, slots=True)
class Grades:
    """Least shares of the weight for A, B and C, and what came of the leads of each grade."""

    bounds: tuple[float, float, float]
    leads: tuple[int, ...]
    won: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed.

    Parameters
    ----------
    criteria : tuple of Criterion
    grades : Grades or None
        None where there are no criteria.
    signals : tuple of Signal
        The strongest first.
    has_activities : bool
        Whether the dataset tells what leads did.
    mail, country, title : str or None
        Attributes of these types, for disqualifiers.
    inquiry, explicit, opted_out : tuple of str
        Kinds of activity that, by their name, are an inquiry, say that somebody wants to buy,
        or opt out; whatever is won after them.
    found : Found
        Everything that was found.
    leads, base, base_of_looks : int, float, float
        Leads of the training slice; share won at creation and at the look.
    """

    criteria: tuple[Criterion, ...]
    grades: Grades | None
    signals: tuple[Signal, ...]
    has_activities: bool
    mail: str | None
    country: str | None
    title: str | None
    inquiry: tuple[str, ...]
    explicit: tuple[str, ...]
    opted_out: tuple[str, ...]
    found: Found
    leads: int
    base: float
    base_of_looks: float


def propose(past: Past, found: Found) -> Proposal:
    """Return what past leads let propose."""
    family = {spec.name: spec.family for spec in past.space.attributes}
    fit = [one for one in found.better if family.get(one.trait.about, "") in ("fit", "quality")]
    criteria = tuple(
        Criterion(one, _weight(one.measured.lift)) for one in _one_each(fit)[:MOST_CRITERIA]
    )
    others = [one for one in found.better if one not in fit]
    kinds = [
        str(kind)
        for kind in past.activities.kinds
        if kind and kind not in past.space.activity.excluded
    ]
    explicit = tuple(kind for kind in kinds if is_explicit(kind))
    return Proposal(
        criteria=criteria,
        grades=_grades(criteria, past) if criteria else None,
        signals=_signals(found.deeds, others, named=bool(explicit)),
        has_activities=bool(len(past.activities.kind)),
        mail=_of_type(past, "email"),
        country=_of_type(past, "country"),
        title=_of_type(past, "job_title"),
        inquiry=tuple(kind for kind in kinds if kind not in explicit and is_inquiry(kind)),
        explicit=explicit,
        opted_out=tuple(kind for kind in kinds if _says(kind, OPTED_OUT_WORDS)),
        found=found,
        leads=past.leads.n_leads,
        base=past.history.base,
        base_of_looks=past.history_of_looks.base,
    )


def _one_each(found: Sequence[FoundTrait]) -> list[FoundTrait]:
    """Return the strongest trait of each attribute."""
    best: dict[str, FoundTrait] = {}
    for one in found:
        best.setdefault(one.trait.about, one)
    return list(best.values())


def _weight(lift: float) -> int:
    """Return a weight that grows with the lift: 2 for one of two."""
    return max(1, min(MOST_WEIGHT, round(2.0 * log2(lift))))


def _points(lift: float) -> int:
    """Return points in the score's measure, ten for a doubling, in steps of five."""
    return max(STEP, STEP * round(10.0 * log2(lift) / STEP))


def _signals(
    done: Sequence[FoundDeed], others: Sequence[FoundTrait], *, named: bool
) -> tuple[Signal, ...]:
    """Return signals; where no kind is named for buying, the strongest counts as explicit."""
    signals = [
        Signal(one, _points(one.measured.lift), explicit=is_explicit(one.deed.kind))
        for one in done
        if not _says(one.deed.kind, OPTED_OUT_WORDS)
    ]
    if signals and not named:
        strongest = signals[0]
        signals[0] = Signal(strongest.found, strongest.points, explicit=True)
    for trait in _one_each(others):
        lift = trait.measured.lift
        asked = not done and trait.trait.about != "channel" and lift >= EXPLICIT_LIFT
        signals.append(Signal(trait, _points(lift), explicit=asked))
    return tuple(signals[:MOST_SIGNALS])


def is_explicit(kind: str) -> bool:
    """Return whether the name of a kind of activity says that somebody wants to buy."""
    return _says(kind, (*EXPLICIT_WORDS, *EXPLICIT_WORDS_ZH))


def is_inquiry(kind: str) -> bool:
    """Return whether the name of a kind of activity says that a lead made itself known."""
    return _says(kind, (*INQUIRY_WORDS, *INQUIRY_WORDS_ZH)) and not _says(kind, OPTED_OUT_WORDS)


def _says(kind: str, words: Sequence[str]) -> bool:
    name = kind.casefold().replace(" ", "_").replace("-", "_")
    return any(word in name for word in words)


def _of_type(past: Past, type_: str) -> str | None:
    names = [spec.name for spec in past.space.attributes if spec.type == type_]
    return names[0] if names else None


def _grades(criteria: Sequence[Criterion], past: Past) -> Grades:
    """Return bounds that part the training leads as `GRADE_SHARES` says, rounded to 5 %."""
    met = np.zeros(past.leads.n_leads)
    known = np.zeros(past.leads.n_leads)
    for one in criteria:
        trait = one.found.trait
        known += one.weight * trait.known
        met += one.weight * (trait.known & trait.has)
    weight = sum(one.weight for one in criteria)
    enough = known >= KNOWN_SHARE * weight
    share: FloatArray = np.divide(met, known, out=np.zeros_like(met), where=known > 0)
    a, b, c = (_rounded(share[enough], part) for part in GRADE_SHARES)
    a = max(a, 0.15)
    b = min(b, round(a - 0.05, 2))
    c = min(c, round(b - 0.05, 2))
    bounds = (a, max(b, 0.1), max(c, 0.05))
    grade = np.where(enough, sum((share < bound).astype(np.int64) for bound in bounds), 4)
    rows = [grade == place for place in range(5)]
    return Grades(
        bounds,
        tuple(int(own.sum()) for own in rows),
        tuple(float(past.history.won[own].mean()) if own.any() else 0.0 for own in rows),
    )


def _rounded(share: FloatArray, part: float) -> float:
    if len(share) == 0:
        return 1.0 - part
    bound = float(np.quantile(share, 1.0 - part))
    return min(0.95, max(0.05, round(round(bound * 20) / 20, 2)))
