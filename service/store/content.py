"""From a decision to what is kept of it, and back."""

import zlib
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from features.errors import ModelError
from features.moment import MINUTE, NEVER
from features.records import LeadRecord
from features.space import FeatureSpace
from models.bundle.golden import processor
from service.sink import Decision
from service.store.merge import placed_activities
from service.store.store import Written

OFFER = ("offered", "propensity", "arm")
ANSWERED = (
    *("decision_id", "model_version", "agreement_version", "probability", "score", "label"),
    *OFFER,
)
"""What has columns of its own."""
LEVEL, WINDOW_BITS, MEMORY_LEVEL = 1, 13, 6
"""Of compression: half of the time of the usual one, nearly as small, and a tenth of its memory,
which stays in the processor's cache."""


def written(decision: Decision) -> Written:
    """Return what is kept of a decision: stored forms, never what a person was called.

    Raises
    ------
    ModelError
        When no model made it.
    """
    record, sent, answer = decision.record, decision.sent, decision.answer
    space = space_of(decision)
    stored = stored_attributes(space, record)
    new = {name: stored[name] for name in sent.attributes if name in stored}
    channel, source = (space.stored(of, getattr(record, of)) for of in ("channel", "source"))
    content = {
        "lead": {
            "as_of": record.as_of,
            "created_at": record.created_at,
            "episode": record.episode,
            "channel": channel,
            "source": source,
            "attributes": stored,
            "activities": [list(activity) for activity in record.activities],
            "previous_label": decision.previous_label,
            "handed_over_at": decision.handed_over_at,
            "unknown_attributes": len(record.attributes) - len(stored),
        },
        "request_id": decision.context.request_id,
        "decided_at": decision.decided_at,
        "processor": processor(),
    }
    text = decision.text or to_json(answer)
    whole = b"".join((to_json(content)[:-1], b',"answer":', text, b"}"))
    return Written(
        decision_id=answer["decision_id"],
        lead_id=record.lead_id,
        episode=record.episode,
        as_of=record.as_of,
        created_at=record.created_at,
        decided_at=decision.decided_at,
        channel=channel,
        source=source,
        account_id=decision.account_id,
        contact_id=decision.contact_id,
        attributes={name: to_json(value).decode() for name, value in new.items()},
        activities=placed_activities(sent.activities) if decision.new is None else decision.new,
        model_version=answer["model_version"],
        agreement_version=answer["agreement_version"],
        probability=answer["probability"],
        score=answer["score"],
        label=answer["label"],
        previous_label=decision.previous_label,
        handed_over_at=None if decision.handed_over_at == NEVER else decision.handed_over_at,
        content=deflated(whole),
        owner=decision.owner,
        last_known_at=last_known(record),
        contact_by=contact_by(decision),
        **{name: answer.get(name) for name in OFFER},
    )


def brief(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `written` asks of an answer whose text is there."""
    minutes = answer["qualification"]["first_contact_minutes"]
    found = {name: answer.get(name) for name in ANSWERED}
    return found | {"qualification": {"first_contact_minutes": minutes}}


def space_of(decision: Decision) -> FeatureSpace:
    """Return what knows the stored forms of a decision's lead.

    Raises
    ------
    ModelError
        When no model made it.
    """
    if decision.space is None:
        raise ModelError("a decision without a model cannot be kept")
    return decision.space


def last_known(record: LeadRecord) -> int:
    """Return when the last thing happened that was known of a lead, in UTC microseconds."""
    own = (one.occurred_at for one in record.activities if one.recorded_at <= record.as_of)
    return max(own, default=record.created_at)


def contact_by(decision: Decision) -> int | None:
    """Return when a lead has to be contacted that is handed over now."""
    minutes = decision.answer["qualification"]["first_contact_minutes"]
    return None if minutes is None else decision.decided_at + round(minutes * MINUTE)


def stored_attributes(space: FeatureSpace, record: LeadRecord) -> dict[str, Any]:
    """Return the stored forms of the attributes that the model knows.

    What it does not know is left out: nobody has said what is in it.
    """
    known = space.attribute_names
    return {
        name: space.stored(name, value)
        for name, value in record.attributes.items()
        if name in known
    }


def deflated(content: bytes) -> bytes:
    """Return what is kept, smaller; `opened` reads it.

    Examples
    --------
    >>> opened(deflated(b'{"lead": 1}'))
    {'lead': 1}
    """
    made = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
    return made.compress(content) + made.flush()


def opened(content: bytes) -> dict[str, Any]:
    """Return what was kept of a decision."""
    data: dict[str, Any] = from_json(zlib.decompress(content))
    return data
