"""Leads that meet the agreement of the tests, changed in some places."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from features.moment import DAY, NEVER
from features.records import ActivityRecord, LeadRecord, assemble
from features.space import FeatureSpace
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines, resolve_simple
from models.agreement.qualify import Qualified, qualify
from tests.models.agreement.written import parsed

NOW = 20_500 * DAY
FITTING: Mapping[str, object] = {
    "employees": 500,
    "industry": "Software",
    "country": "Germany",
    "job_title": "Head of IT",
    "email": "kim@firm.example",
}


class Case(NamedTuple):
    """One lead, what is known of it, and how likely it is won."""

    attributes: Mapping[str, object] = FITTING
    did: Sequence[tuple[str, float]] = ()
    """Kind and days ago."""
    probability: float | None = 0.3
    previous: str | None = None
    handed_over_days: float | None = None
    created_days: float = 60.0
    source: str | None = None
    channel: str | None = None

    @property
    def record(self) -> LeadRecord:
        """The lead."""
        deeds = [
            ActivityRecord(kind, NOW - round(days * DAY), NOW - round(days * DAY))
            for kind, days in self.did
        ]
        return LeadRecord(
            "L-1",
            NOW,
            NOW - round(self.created_days * DAY),
            self.channel,
            self.source,
            1,
            self.attributes,
            deeds,
        )


def fitting(**changes: Any) -> dict[str, object]:
    """Return the attributes of a lead that fits, some changed; None leaves one out."""
    changed = {**FITTING, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def judged(
    *cases: Case,
    agreement: Agreement | None = None,
    lines: Lines | None = None,
    space: FeatureSpace | None = None,
) -> Qualified:
    """Return what the agreement says of leads."""
    agreement = agreement or parsed()
    leads, activities = assemble([case.record for case in cases])
    probability = None
    if cases[0].probability is not None:
        probability = np.array([case.probability for case in cases], dtype=np.float64)
    days = [case.handed_over_days for case in cases]
    handed = [NEVER if day is None else NOW - round(day * DAY) for day in days]
    return qualify(
        leads,
        activities,
        probability,
        agreement,
        lines or resolve_simple(agreement, 0.05),
        now=NOW,
        previous=[case.previous for case in cases],
        handed_over_at=np.array(handed, dtype=np.int64),
        space=space,
    )
