"""The effect of an agreement on recent leads and on the test slice, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.agreement.agreement import Agreement
from models.bundle.bundle import Bundle
from models.bundle.reference import TEST
from models.preview.looked import looked_at
from models.preview.preview import Preview, preview
from models.preview.resolve import lines_for
from models.preview.resolved import ResolvedLines
from models.scorer import Scorer
from training.agreement.recent import recent_leads
from training.data.export import Export


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of an agreement would do.

    Parameters
    ----------
    new, old : ResolvedLines
        Lines of the draft, and of what holds today, if anything does.
    test : Preview
        On the newest leads whose outcome is known.
    recent : Preview or None
        On the leads that no model has learned from yet; None without dates.
    moved : tuple of (str, str, str)
        Recent leads that change: id, old and new label.
    """

    new: ResolvedLines
    old: ResolvedLines | None
    test: Preview
    recent: Preview | None
    moved: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "agreement": self.new.to_json(),
            "against": None if self.old is None else self.old.to_json(),
            "test": self.test.to_json(),
            "recent": None if self.recent is None else self.recent.to_json(),
            "moved": [{"lead_id": lead, "old": was, "new": now} for lead, was, now in self.moved],
        }


def effect_of(
    new: Agreement, old: Agreement | None, bundle: Bundle, export: Export | None
) -> Effect:
    """Return the effect of an agreement.

    Parameters
    ----------
    new, old : Agreement
        The draft; what holds today, if anything.
    bundle : Bundle
        The model and its past leads.
    export : Export, optional
        With recent leads.

    Raises
    ------
    AgreementError
        When a line cannot be had, or a condition cannot read its attribute.
    """
    lines = lines_for(new, bundle)
    before = None if old is None else lines_for(old, bundle)
    pair = (new, lines.lines)
    pair_before = None if old is None or before is None else (old, before.lines)
    past = looked_at(bundle.reference, TEST, bundle.manifest.space)
    found = None if export is None else recent_leads(export, Scorer(bundle))
    test = preview(past, pair, pair_before)
    if found is None or export is None:
        return Effect(lines, before, test, None, ())
    looked, row = found
    recent = preview(looked, pair, pair_before)
    moved = _with_ids(recent, [export.lead_id[i] for i in row.tolist()])
    return Effect(lines, before, test, recent, moved)


def _with_ids(recent: Preview, ids: Sequence[str]) -> tuple[tuple[str, str, str], ...]:
    return tuple((ids[lead], was, now) for lead, was, now in recent.moved)
