"""A lead that somebody tries out, and the request that it is."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from features.moment import DAY
from models.bundle.golden import GoldenLead
from models.scorer import Scorer
from service.api.asked import asked_of, known_leads, wanted
from service.api.deciding import decide
from service.api.read import read_item, record_of
from service.context import RequestContext
from service.dashboard.fields import FACTS
from service.example_lead import moment
from service.parts import Parts
from service.specimen import specimen

LEAD = "try-1"
MOST_EXAMPLES = 4


@dataclass(slots=True)
class Deed:
    """An activity, so many days before now."""

    kind: str
    days: float


@dataclass(slots=True)
class Trial:
    """What was said of a lead so far.

    Parameters
    ----------
    lead_id : str
    days : float
        Since it came in.
    values : dict
        Of channel, source and attributes.
    deeds : list of Deed
    score : int or None
        What the model gave it when the bundle was made, where it is an example.
    """

    lead_id: str = LEAD
    days: float = 0.0
    values: dict[str, Any] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    score: int | None = None

    def request(self, now: datetime) -> dict[str, Any]:
        """Return what POST /score takes, as of a moment, to be answered and not kept."""
        values = {name: _plain(value) for name, value in self.values.items()}
        values = {name: value for name, value in values.items() if value not in (None, "", [])}
        asked: dict[str, Any] = {
            "lead_id": self.lead_id or LEAD,
            "as_of": moment(now),
            "created_at": moment(now - timedelta(days=self.days)),
        }
        asked |= {name: values[name] for name in FACTS if name in values}
        asked["attributes"] = {n: value for n, value in values.items() if n not in FACTS}
        asked["activities"] = [
            {"kind": one.kind, "occurred_at": moment(now - timedelta(days=one.days))}
            for one in self.deeds
        ]
        return asked | {"dry_run": True}


def examples_of(scorer: Scorer) -> list[Trial]:
    """Return a few leads of different scores from the bundle, without ids."""
    leads = sorted(scorer.bundle.golden.leads, key=lambda one: one.score)
    last = len(leads) - 1
    places = {round(last * part / (MOST_EXAMPLES - 1)) for part in range(MOST_EXAMPLES)}
    return [_example(scorer, leads[place]) for place in sorted(places) if leads]


async def tried(parts: Parts, asked: Mapping[str, Any], context: RequestContext) -> dict[str, Any]:
    """Return the answer that POST /score would give.

    Raises
    ------
    SchemaError
        When something is not what was expected.
    StoreError
        When what is stored of the lead cannot be read.
    """
    lead = read_item(asked, parts.settings)
    known = (await asyncio.to_thread(known_leads, parts, [lead])).get(wanted(lead))
    agreement = parts.holder.answering.agreement
    one = asked_of(lead, record_of(lead, parts.clock()), known, agreement)
    return (await decide(parts, [one], context))[0]


def _example(scorer: Scorer, golden: GoldenLead) -> Trial:
    record, space = golden.record, scorer.space
    stored = {"channel": record.channel, "source": record.source, **record.attributes}
    values = {name: specimen(space.encoder(name), value) for name, value in stored.items()}
    deeds = [
        Deed(one.kind, _days(record.as_of - one.occurred_at))
        for one in record.activities
        if one.recorded_at <= record.as_of
    ]
    return Trial(LEAD, _days(record.as_of - record.created_at), values, deeds, golden.score)


def _days(span: int) -> float:
    return round(span / DAY, 2)


def _plain(value: Any) -> Any:
    """Return a number as people write it, a text without spaces around it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.strip() if isinstance(value, str) else value
