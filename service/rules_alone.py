"""What answers while there is no model: the agreement's rules alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from features.errors import AgreementError
from features.moment import to_moment
from features.records import LeadRecord, assemble
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines
from models.agreement.qualify import apply
from models.agreement.read import agreement_text, parse_agreement
from models.agreement.rules import Rules, make_rules
from models.agreement.signing import check_signatures
from service.earlier import Earlier
from service.settings import Settings
from service.store.agreements import KeptAgreement
from service.words import words

NO_LINES = Lines(1.0, 1.0)
"""Without a probability no line is asked for."""


@dataclass(frozen=True, slots=True)
class RulesAlone:
    """The agreement, ready to label leads by disqualifiers, fit and intent.

    Parameters
    ----------
    rules : Rules
        Made without a model, which would know how values are spelled.
    """

    rules: Rules
    space: None = None

    @property
    def agreement(self) -> Agreement:
        """The agreement that decides the labels."""
        return self.rules.agreement


def load_rules(settings: Settings, today: date, active: KeptAgreement | None) -> RulesAlone:
    """Return the agreement without a model.

    Raises
    ------
    AgreementError
        When there is none, or none that is about the dataset, valid and readable.
    SignatureError
        When a signature is missing that is needed.
    """
    if active is not None:
        agreement = parse_agreement(active.text, f"version {active.version}")
    else:
        agreement = parse_agreement(agreement_text(settings.agreement), str(settings.agreement))
    if settings.dataset not in (None, agreement.dataset):
        raise AgreementError(f"the agreement is about the dataset {agreement.dataset!r}")
    if agreement.valid_from is not None and agreement.valid_from > today:
        raise AgreementError(f"the agreement is valid from {agreement.valid_from} on only")
    check_signatures(agreement, allow_unsigned=settings.allows_unsigned)
    return RulesAlone(make_rules(agreement, NO_LINES))


def answers_by_rules(
    alone: RulesAlone,
    records: Sequence[LeadRecord],
    earlier: Sequence[Earlier],
    *,
    now: datetime,
    scored_at: str,
    languages: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the answers to leads in the form of those of a model, without its figures."""
    leads, activities = assemble(records)
    qualified = apply(
        alone.rules,
        leads,
        activities,
        np.full(len(records), np.nan),
        now=to_moment(now),
        previous=[one.label for one in earlier],
        handed_over_at=np.array([one.handed_over_at for one in earlier], dtype=np.int64),
    )
    labels, grades = qualified.labels, qualified.grades
    return [
        {
            "lead_id": record.lead_id,
            "scored_at": scored_at,
            "probability": None,
            "score": None,
            "label": labels[row],
            "grade": grades[row],
            "qualification": qualified.row(row, language),
            "evidence": None,
            "basis": "rules",
            "degraded": True,
            "reasons": [],
            "ledger": None,
            "missing": [],
            "warnings": [words(language)["warnings"]["rules"]],
            "unknown_attributes": [],
            "model_version": None,
            "agreement_version": alone.agreement.version,
        }
        for row, (record, language) in enumerate(zip(records, languages, strict=True))
    ]
