"""What an agreement makes of leads: volumes, precision, recall and wins of each label."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from features.arrays import FloatArray, IntArray
from features.attributes.category import CategoryEncoder
from features.attributes.encoder import Unreadable
from features.space import FeatureSpace
from models.agreement.agreement import LABELS, Agreement
from models.agreement.lines import Lines
from models.agreement.qualify import qualify
from models.preview.entry import MQL, SQL, entries, first_rows
from models.preview.looked import Looked
from models.preview.share import Z_80, Share, share_won

EVERYBODY: Final = ""
"""Stands for leads without a channel, or in no segment."""


@dataclass(frozen=True, slots=True)
class LabelOutlook:
    """What is to be expected of a label, each lead counted when it first gets it.

    Parameters
    ----------
    label : str
    leads : float
        Leads stood for.
    per_week : float or None
        None without dates.
    won : Share or None
        Share won, which is the label's precision; None where outcomes are not known yet.
    recall : float or None
        Share of all won leads that got the label and were won after it.
    expected_wins, low, high : float
        Sum of the probabilities and its 80 % interval: a prediction under today's way of
        working, since the model learned from leads that were worked that way.
    capacity_per_week : float or None
        As agreed, where the line is a capacity.
    attempts_per_week : float or None
        Attempts to reach the leads that the service level asks for.
    """

    label: str
    leads: float
    per_week: float | None
    won: Share | None
    recall: float | None
    expected_wins: float
    low: float
    high: float
    capacity_per_week: float | None
    attempts_per_week: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found["won"] = None if self.won is None else self.won.to_json()
        return found


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an agreement makes of leads.

    Parameters
    ----------
    leads : float
        Leads stood for.
    weeks : float or None
        In which they came.
    labels : tuple of LabelOutlook
        In the order of `LABELS`.
    channels, segments : mapping of str to mapping of str to float
        Leads by channel or segment and label; "" for none.
    """

    leads: float
    weeks: float | None
    labels: tuple[LabelOutlook, ...]
    channels: Mapping[str, Mapping[str, float]]
    segments: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "leads": self.leads,
            "weeks": self.weeks,
            "labels": [one.to_json() for one in self.labels],
            "channels": {name: dict(one) for name, one in self.channels.items()},
            "segments": {name: dict(one) for name, one in self.segments.items()},
        }


@dataclass(frozen=True, slots=True)
class Labelled:
    """Leads with the labels that an agreement gives them, each look as if it were the first.

    Parameters
    ----------
    looked : Looked
    agreement : Agreement
    label : array of shape (n_rows,)
        Position in `LABELS`.
    segment : list of str or None
        Of each row.
    """

    looked: Looked
    agreement: Agreement
    label: IntArray
    segment: list[str | None]

    @staticmethod
    def of(looked: Looked, agreement: Agreement, lines: Lines) -> "Labelled":
        """Return the leads' labels.

        Raises
        ------
        AgreementError
            When a condition cannot read the values of its attribute.
        """
        found = qualify(
            looked.leads,
            looked.activities,
            looked.probability,
            agreement,
            lines,
            now=looked.now,
            rank=looked.rank,
            space=looked.space,
        )
        return Labelled(looked, agreement, found.label, found.segments)

    def outlook(self) -> Outlook:
        """Return volumes, precision, recall and wins."""
        looked = self.looked
        rows = [entries(self.label, looked.lead, which) for which in range(len(LABELS))]
        channel = [_spelt(value, looked.space) for value in looked.leads.channel.values]
        segments = sorted({name or EVERYBODY for name in self.segment})
        place = {name: i for i, name in enumerate(segments)}
        segment = np.array([place[name or EVERYBODY] for name in self.segment], dtype=np.int64)
        return Outlook(
            leads=float(looked.weight[looked.first].sum()),
            weeks=looked.weeks,
            labels=tuple(self._label(which, own) for which, own in enumerate(rows)),
            channels=_counted(channel, looked.leads.channel.codes, rows, looked.weight),
            segments=_counted(segments, segment, rows, looked.weight),
        )

    def _label(self, which: int, rows: IntArray) -> LabelOutlook:
        looked, name = self.looked, LABELS[which]
        weight, p = looked.weight[rows], looked.probability[rows]
        expected = float((weight * p).sum())
        half = Z_80 * float(np.sqrt((weight**2 * p * (1.0 - p)).sum()))
        known = not bool(np.isnan(looked.won).any())
        won = share_won(looked.won[rows], weight, looked.group[rows]) if known else None
        leads = float(weight.sum())
        per_week = None if looked.weeks is None else leads / looked.weeks
        level = self.agreement.service.get(name)
        attempts = None if level is None else level.least_attempts
        return LabelOutlook(
            label=name,
            leads=leads,
            per_week=per_week,
            won=won,
            recall=None if won is None else _recall(won, looked),
            expected_wins=expected,
            low=max(0.0, expected - half),
            high=min(leads, expected + half),
            capacity_per_week=_capacity(self.agreement, which),
            attempts_per_week=(
                None if attempts is None or per_week is None else attempts * per_week
            ),
        )


def _spelt(value: object, space: FeatureSpace | None) -> str:
    """Return a channel as people mostly write it, however it is written here."""
    if value is None:
        return EVERYBODY
    encoder = None if space is None else space.encoder("channel")
    if not isinstance(encoder, CategoryEncoder):
        return str(value)
    try:
        meaning = encoder.read(value)
    except Unreadable:
        return str(value)
    return EVERYBODY if meaning is None else encoder.vocabulary.spelling(meaning)


def _recall(won: Share, looked: Looked) -> float | None:
    rows = first_rows(looked.won == 1.0, looked.lead)
    every = float(looked.weight[rows].sum())
    return won.won / every if every else None


def _capacity(agreement: Agreement, which: int) -> float | None:
    line = {MQL: agreement.lines.mql, SQL: agreement.lines.sql}.get(which)
    if line is None or line.measure != "capacity_per_week":
        return None
    return line.value


def _counted(
    names: list[str], code: Any, rows: list[IntArray], weight: FloatArray
) -> dict[str, dict[str, float]]:
    """Return leads by name and label; names that mean the same are added up."""
    found: dict[str, dict[str, float]] = {}
    for which, own in enumerate(rows):
        counts = np.bincount(code[own], weights=weight[own], minlength=len(names))
        for name, count in zip(names, counts.tolist(), strict=True):
            table = found.setdefault(name, dict.fromkeys(LABELS, 0.0))
            table[LABELS[which]] += count
    kept = {name: table for name, table in found.items() if any(table.values())}
    return dict(sorted(kept.items()))
