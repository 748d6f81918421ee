"""What wins more often than the base rate, told from what only seems to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.activities.table import Activities
from features.leads import Leads
from features.space import FeatureSpace
from training.agreement.deeds import Deed, deeds
from training.agreement.measured import History, Measured, discovered, measure
from training.agreement.trait import Trait, joined, traits

FALSE_DISCOVERIES: Final = 0.1
"""At most so large a share of what is proposed is expected to be chance."""


@dataclass(frozen=True, slots=True)
class Past:
    """Leads of the training slice: at their creation, and each at one later look.

    Parameters
    ----------
    leads, history : Leads, History
        At creation, where attributes are looked at.
    looks, activities, history_of_looks : Leads, Activities, History
        Each lead at a look drawn by the seed, where activities are looked at.
    space : FeatureSpace
        Of the model, or of these leads: only what it knows is proposed.
    """

    leads: Leads
    history: History
    looks: Leads
    activities: Activities
    history_of_looks: History
    space: FeatureSpace


@dataclass(frozen=True, slots=True)
class FoundTrait:
    """A trait and what came of the leads that have it."""

    trait: Trait
    measured: Measured


@dataclass(frozen=True, slots=True)
class FoundDeed:
    """A kind of activity in its best window, and what came of the leads that did it."""

    deed: Deed
    measured: Measured


@dataclass(frozen=True, slots=True)
class Found:
    """What past leads tell.

    Parameters
    ----------
    tested : int
        Values, ranges and kinds of activity in windows that were compared.
    better, worse : tuple of FoundTrait
        Traits of leads won more and less often than others, values of an attribute together.
    deeds : tuple of FoundDeed
        Kinds of activity of leads that are won more often, the strongest first.
    channels : tuple of FoundTrait
        All channels with enough leads, whatever they tell.
    """

    tested: int
    better: tuple[FoundTrait, ...]
    worse: tuple[FoundTrait, ...]
    deeds: tuple[FoundDeed, ...]
    channels: tuple[FoundTrait, ...]


def find(past: Past, prior_leads: float) -> Found:
    """Return what wins more often than the base rate.

    Everything that was compared is accounted for together (`discovered`): of the attributes
    and kinds of activity that are found, at most the share `FALSE_DISCOVERIES` is expected to
    be chance.

    Parameters
    ----------
    past : Past
        Of the training slice.
    prior_leads : float
        Leads at the base rate that shrink each rate.
    """
    told = _measured_traits(past, prior_leads)
    did = _measured_deeds(past, prior_leads)
    p = np.array([measured.p for _, measured in [*told, *did]])
    subjects = [*(trait.about for trait, _ in told), *(deed.kind for deed, _ in did)]
    _, family = np.unique(np.array(subjects, dtype=np.str_), return_inverse=True)
    sure = discovered(p, family, FALSE_DISCOVERIES)
    some = [one for one, is_sure in zip(told, sure[: len(told)].tolist(), strict=True) if is_sure]
    done = [one for one, is_sure in zip(did, sure[len(told) :].tolist(), strict=True) if is_sure]
    return Found(
        tested=len(p),
        better=_together([t for t, m in some if m.lift > 1.0], past, prior_leads),
        worse=_together([t for t, m in some if m.lift < 1.0], past, prior_leads),
        deeds=_best_windows([(d, m) for d, m in done if m.lift > 1.0]),
        channels=tuple(FoundTrait(t, m) for t, m in told if t.about == "channel"),
    )


def _measured_traits(past: Past, prior: float) -> list[tuple[Trait, Measured]]:
    every = ((one, measure(one.has, one.known, past.history, prior)) for one in _traits(past))
    return [(one, measured) for one, measured in every if measured is not None]


def _traits(past: Past) -> Iterator[Trait]:
    yield from traits(past.leads, past.space)


def _measured_deeds(past: Past, prior: float) -> list[tuple[Deed, Measured]]:
    known = np.ones(past.looks.n_leads, dtype=np.bool_)
    found = []
    for deed in deeds(past.looks, past.activities):
        measured = measure(deed.has, known, past.history_of_looks, prior)
        if measured is not None and deed.kind in past.space.kind_positions:
            found.append((deed, measured))
    return found


def _together(parts: Sequence[Trait], past: Past, prior: float) -> tuple[FoundTrait, ...]:
    """Return the traits with values of one attribute together, the strongest first."""
    abouts = dict.fromkeys(part.about for part in parts)
    found = []
    for about in abouts:
        for trait in joined([part for part in parts if part.about == about]):
            measured = measure(trait.has, trait.known, past.history, prior)
            if measured is not None:
                found.append(FoundTrait(trait, measured))
    return tuple(sorted(found, key=lambda one: one.measured.p))


def _best_windows(done: Sequence[tuple[Deed, Measured]]) -> tuple[FoundDeed, ...]:
    best: dict[str, FoundDeed] = {}
    for deed, measured in done:
        known = best.get(deed.kind)
        if known is None or measured.p < known.measured.p:
            best[deed.kind] = FoundDeed(deed, measured)
    return tuple(sorted(best.values(), key=lambda one: -one.measured.lift))
