"""What a change of the agreement would do, before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import IntArray
from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import Lines
from models.preview.entry import reached
from models.preview.looked import Looked
from models.preview.outlook import Labelled, Outlook


@dataclass(frozen=True, slots=True)
class Preview:
    """An agreement on some leads, beside the one before it.

    Parameters
    ----------
    new : Outlook
        What the agreement makes of the leads.
    old : Outlook or None
        What the one before it makes of them.
    flips : mapping of str to mapping of str to float
        Leads by the highest label they reach under the old and under the new agreement, those
        that stay included; empty without an old one.
    moved : tuple of (int, str, str)
        Number of each lead that changes, with its old and its new label.
    """

    new: Outlook
    old: Outlook | None
    flips: Mapping[str, Mapping[str, float]]
    moved: tuple[tuple[int, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, without the leads that move: they have no ids here."""
        return {
            "new": self.new.to_json(),
            "old": None if self.old is None else self.old.to_json(),
            "flips": {name: dict(one) for name, one in self.flips.items()},
            "moved": len(self.moved),
        }


Pair = tuple[Agreement, Lines]
"""An agreement and the probabilities that its lines come to."""


def preview(looked: Looked, new: Pair, old: Pair | None = None) -> Preview:
    """Return what an agreement makes of leads, and what would change.

    Parameters
    ----------
    looked : Looked
        Recent leads, or past ones with outcomes.
    new, old : pair of Agreement and Lines
        The draft, and what holds today.

    Raises
    ------
    AgreementError
        When a condition cannot read the values of its attribute.
    """
    after = Labelled.of(looked, *new)
    if old is None:
        return Preview(after.outlook(), None, {}, ())
    return compared(after, Labelled.of(looked, *old))


def compared(after: Labelled, before: Labelled) -> Preview:
    """Return what becomes of the same leads under two agreements, or by two models.

    Parameters
    ----------
    after, before : Labelled
        The same looks at the same leads.
    """
    looked = after.looked
    first = np.flatnonzero(looked.first)
    here, there = reached(before.label, looked.lead), reached(after.label, looked.lead)
    weight = looked.weight[first]
    changed = np.flatnonzero(here != there)
    moved = zip(
        looked.lead[first[changed]].tolist(),
        here[changed].tolist(),
        there[changed].tolist(),
        strict=True,
    )
    return Preview(
        new=after.outlook(),
        old=before.outlook(),
        flips=_flips(here, there, weight),
        moved=tuple((lead, LABELS[was], LABELS[now]) for lead, was, now in moved),
    )


def _flips(before: IntArray, after: IntArray, weight: Any) -> dict[str, dict[str, float]]:
    n = len(LABELS)
    counts = np.bincount(before * n + after, weights=weight, minlength=n * n).reshape(n, n)
    return {
        LABELS[was]: {LABELS[now]: float(counts[was, now]) for now in range(n)} for was in range(n)
    }
