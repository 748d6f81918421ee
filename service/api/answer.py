"""From leads to answers: score, qualify, say why."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from features.activities.table import Activities
from features.leads import Leads
from features.moment import to_moment
from features.records import LeadRecord, assemble
from models.agreement.lines import tie_rank
from models.agreement.qualify import Qualified, apply
from models.scorer import Scored
from service.earlier import Earlier
from service.holder import Served
from service.words import words


class Answered(NamedTuple):
    """One lead's answer.

    Parameters
    ----------
    body : dict
        What is sent.
    refusal : str or None
        Why a strict caller gets an error instead: an attribute that is unknown or cannot be
        read.
    """

    body: dict[str, Any]
    refusal: str | None


def answer_leads(
    served: Served,
    records: Sequence[LeadRecord],
    earlier: Sequence[Earlier],
    *,
    now: datetime,
    languages: Sequence[str],
    reasons: int,
) -> list[Answered]:
    """Return the answers to leads, in their order.

    Parameters
    ----------
    served : Served
        Model and agreement.
    records : sequence of LeadRecord
        The leads, each as of its own moment.
    earlier : sequence of Earlier
        What was decided of them before, as the caller knows it.
    now : datetime
        The moment of the answer.
    languages : sequence of str
        Of each lead's reasons and warnings.
    reasons : int
        How many reasons.
    """
    leads, activities = assemble(records)
    scorer = served.scorer
    scored = scorer.score(leads, activities)
    qualified = qualify_records(served, records, earlier, (leads, activities), scored, now)
    labels, grades = qualified.labels, qualified.grades
    scored_at = iso(now)
    answered = []
    for row, (record, language) in enumerate(zip(records, languages, strict=True)):
        body = {
            "lead_id": record.lead_id,
            "scored_at": scored_at,
            "probability": float(scored.probability[row]),
            "score": int(scored.score[row]),
            "label": labels[row],
            "grade": grades[row],
            "qualification": qualified.row(row, language),
            "evidence": scored.evidence.row(row),
            "basis": scorer.manifest.basis,
            "degraded": False,
            "reasons": [
                reason._asdict()
                for reason in scorer.reasons(scored, leads, row, language=language, top=reasons)
            ],
            "ledger": None if scored.explained is None else scored.explained.ledger.row(row),
            "missing": missing_attributes(served, scored, row),
            "warnings": warnings_of(served, record, scored, row, language),
            "unknown_attributes": unknown_attributes(served, record),
            "model_version": served.model_version,
            "agreement_version": served.agreement.version,
        }
        answered.append(Answered(body, refusal_of(body, scored, row)))
    return answered


def qualify_records(
    served: Served,
    records: Sequence[LeadRecord],
    earlier: Sequence[Earlier],
    columns: tuple[Leads, Activities],
    scored: Scored,
    now: datetime,
) -> Qualified:
    """Return what the agreement says of scored leads."""
    rules = served.agreed.rules
    return apply(
        rules,
        *columns,
        scored.probability,
        now=to_moment(now),
        previous=[one.label for one in earlier],
        handed_over_at=np.array([one.handed_over_at for one in earlier], dtype=np.int64),
        rank=tie_rank([record.lead_id for record in records]) if rules.has_ties else None,
    )


def refusal_of(body: dict[str, Any], scored: Scored, row: int) -> str | None:
    """Return why a strict caller is refused."""
    for name in body["unknown_attributes"]:
        return f"attributes.{name}: is not known to the model"
    for name in unreadable_attributes(scored, row):
        return f"attributes.{name}: cannot be read"
    return None


def iso(at: datetime) -> str:
    """Return a UTC moment in ISO form with a Z."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()[:-6] + "Z"


def missing_attributes(served: Served, scored: Scored, row: int) -> list[str]:
    """Return the attributes without a usable value."""
    return list(compress(served.scorer.space.names, scored.matrix.missing[row].tolist()))


def unreadable_attributes(scored: Scored, row: int) -> list[str]:
    """Return the attributes (and channel, source) whose value could not be read."""
    return [name for name, rows in scored.matrix.unreadable.items() if rows[row]]


def unknown_attributes(served: Served, record: LeadRecord) -> list[str]:
    """Return the names that the model was not trained on."""
    known = served.scorer.space.attribute_names
    if record.attributes.keys() <= known:
        return []
    agreed = served.agreement.also_known.attributes
    return [name for name in record.attributes if name not in known and name not in agreed]


def warnings_of(
    served: Served, record: LeadRecord, scored: Scored, row: int, language: str
) -> list[str]:
    """Return what did not go into the score, in words."""
    text = words(language)["warnings"]
    found = [text["unreadable"].format(name=name) for name in unreadable_attributes(scored, row)]
    later = int(scored.matrix.later_activities[row])
    if later:
        found.append(text["later"].format(n=later))
    unknown = scored.matrix.unknown_kinds
    if unknown:
        own = {activity.kind for activity in record.activities}
        own -= {*served.agreed.rules.kinds, *served.agreement.also_known.activities}
        found += [text["kind"].format(kind=kind) for kind in unknown if kind in own]
    return found
