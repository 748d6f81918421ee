"""The agreement that decides labels, ready for one model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from features.errors import AgreementError
from features.records import LeadRecord, assemble
from features.sentences import LANGUAGES
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.check import check_against
from models.agreement.described import described
from models.agreement.lines import Lines
from models.agreement.qualify import apply
from models.agreement.read import agreement_text, parse_agreement
from models.agreement.rules import Rules, make_rules
from models.agreement.signing import (
    check_signatures,
    content_hash,
    content_of,
    unsigned_by,
)
from models.preview.resolve import lines_for
from models.preview.resolved import ResolvedLines
from models.scorer import Scorer
from service.settings import Settings
from service.store.agreements import KeptAgreement

DEFAULT = "lines are twice and four times the anchor, and nothing is asked of fit and intent"


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement with what it comes to for the model that answers.

    Parameters
    ----------
    rules : Rules
        Ready; they know the agreement.
    lines : Lines
        What its lines come to.
    hash : str
        Of its content.
    unsigned : bool
        Whether it answers although not both sides have signed.
    warnings : tuple of str
        What an operator should know.
    resolved : ResolvedLines
        The lines with what they promise.
    text : str or None
        As it was written; None where nobody has written one.
    """

    rules: Rules
    lines: Lines
    hash: str
    unsigned: bool
    warnings: tuple[str, ...] = ()
    resolved: ResolvedLines | None = None
    text: str | None = None

    @property
    def agreement(self) -> Agreement:
        """The agreement."""
        return self.rules.agreement

    def to_json(self, language: str) -> dict[str, Any]:
        """Return what `GET /agreement` answers: as JSON, and in words."""
        agreement = self.agreement
        return {
            "dataset": agreement.dataset,
            "version": agreement.version,
            "valid_from": agreement.valid_from,
            "hash": self.hash,
            "unsigned": self.unsigned,
            "not_signed_by": list(unsigned_by(agreement)),
            "signatures": [
                {"name": one.name, "role": one.role, "date": one.date}
                for one in agreement.signatures
            ],
            "lines": self.lines.to_json(),
            "text": described(self.rules, language),
            "content": json.loads(content_of(agreement)),
        }


def load_agreed(
    settings: Settings, scorer: Scorer, today: date, active: KeptAgreement | None = None
) -> Agreed:
    """Return the agreement of the model's dataset, a default one where there is none.

    Parameters
    ----------
    active : KeptAgreement, optional
        The one that was activated last; without one the file decides.

    Raises
    ------
    AgreementError
        When a file was named that is not there, or is about another dataset, names what the
        dataset lacks, is not valid yet, or is broken.
    SignatureError
        When a signature is for another content, or one is missing and that is not allowed.
    """
    manifest, path = scorer.manifest, settings.agreement
    if active is not None:
        written = parse_agreement(active.text, f"version {active.version}")
        return read_agreed(written, active.text, settings, scorer, today)
    named = "agreement" in settings.model_fields_set
    if not named and not path.is_file():
        return _default(scorer, f"no agreement: {DEFAULT}")
    text = agreement_text(path)
    agreement = parse_agreement(text, str(path))
    if agreement.dataset != manifest.dataset:
        about = f"{path} is about the dataset {agreement.dataset!r}"
        if named:
            raise AgreementError(f"{about}, the model about {manifest.dataset!r}")
        return _default(scorer, f"{about}: {DEFAULT}")
    return read_agreed(agreement, text, settings, scorer, today)


def read_agreed(
    agreement: Agreement, text: str, settings: Settings, scorer: Scorer, today: date
) -> Agreed:
    """Return a written agreement ready for a model.

    Parameters
    ----------
    text : str
        As it was written.

    Raises
    ------
    AgreementError
        When it names what the dataset lacks, or is not valid yet.
    SignatureError
        When a signature is for another content, or one is missing and that is not allowed.
    """
    if agreement.valid_from is not None and agreement.valid_from > today:
        raise AgreementError(
            f"{agreement.place(('valid_from',))}: is valid from {agreement.valid_from} on only"
        )
    types: Mapping[str, str] = {spec.name: spec.type for spec in scorer.space.attributes}
    check_against(agreement, types, scorer.space.kinds)
    signed = check_signatures(agreement, allow_unsigned=settings.allows_unsigned)
    warnings = () if signed else (_unsigned(agreement),)
    made = make_agreed(agreement, scorer, unsigned=not signed, warnings=warnings)
    return replace(made, text=text)


def make_agreed(
    agreement: Agreement, scorer: Scorer, *, unsigned: bool, warnings: tuple[str, ...] = ()
) -> Agreed:
    """Return an agreement ready for a model.

    Raises
    ------
    AgreementError
        When its lines cannot be had.
    """
    resolved = lines_for(agreement, scorer.bundle)
    lines = resolved.lines
    rules = make_rules(agreement, lines, scorer.space)
    warm(rules)
    return Agreed(rules, lines, content_hash(agreement), unsigned, warnings, resolved)


def warm(rules: Rules) -> None:
    """Qualify a lead of which nothing is known, so that the first real one need not wait."""
    nobody = LeadRecord("", 0, 0, None, None, 1, {}, ())
    found = apply(rules, *assemble([nobody]), np.array([0.5]), now=0)
    for language in LANGUAGES:
        found.row(0, language)


def _default(scorer: Scorer, warning: str) -> Agreed:
    manifest = scorer.manifest
    agreement = default_agreement(manifest.dataset, manifest.anchor)
    return make_agreed(agreement, scorer, unsigned=True, warnings=(warning,))


def _unsigned(agreement: Agreement) -> str:
    absent = " and ".join(unsigned_by(agreement))
    where = "agreement" if agreement.origin is None else agreement.origin.where
    return f"{where}: version {agreement.version} is not signed by {absent}"
