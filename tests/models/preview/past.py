"""Past leads made by hand, on which agreements are tried."""

from collections.abc import Sequence

import numpy as np

from features.arrays import BoolArray, FloatArray
from features.moment import DAY, NEVER
from features.records import ActivityRecord, LeadRecord, assemble
from models.agreement.agreement import Agreement
from models.agreement.lines import AgreedLines, Line, Measure
from models.agreement.read import parse_agreement
from models.bundle.reference import CALIBRATION, SLICES, TEST, ReferenceLeads, Window

START = 20_000 * DAY


def past_leads(
    probability: Sequence[float] | FloatArray,
    won: Sequence[float] | FloatArray | BoolArray,
    *,
    lead: Sequence[int] | None = None,
    slice_of: int | None = CALIBRATION,
    weeks: float | None = 10.0,
    records: Sequence[LeadRecord] | None = None,
    group: Sequence[int] | None = None,
    weight: float = 1.0,
) -> ReferenceLeads:
    """Return reference leads: one row each unless `lead` says otherwise.

    Without `slice_of` the first half of the rows draws the lines, the second half judges.
    """
    n = len(probability)
    number = np.arange(n) if lead is None else np.array(lead)
    leads, activities = assemble(records or [record() for _ in range(n)])
    halves = np.where(np.arange(n) < n // 2, CALIBRATION, TEST)
    slices = halves if slice_of is None else np.full(n, slice_of)
    last = NEVER if weeks is None else START + round(weeks * 7 * DAY)
    first = NEVER if weeks is None else START
    rank = np.random.default_rng(7).random(n)
    return ReferenceLeads(
        leads=leads,
        activities=activities,
        lead=number,
        slice_of=slices.astype(np.int32),
        probability=np.array(probability, dtype=np.float64),
        won=np.array(won) > 0,
        at_creation=np.diff(number, prepend=-1) != 0,
        weight=np.full(n, weight),
        value=np.full(n, np.nan),
        group=number if group is None else np.array(group),
        rank=rank[number],
        windows={name: Window(first, last, n) for name in SLICES},
    )


def record(
    *,
    day: float = 0.0,
    channel: str | None = None,
    activities: Sequence[tuple[str, float]] = (),
    **attributes: object,
) -> LeadRecord:
    """Return a lead that came at the start, as of a later day; activities by day."""
    done = [
        ActivityRecord(kind, START + round(at * DAY), START + round(at * DAY))
        for kind, at in activities
    ]
    as_of = START + round(day * DAY)
    return LeadRecord("", as_of, START, channel, None, 1, attributes, done)


def without_rules(mql: tuple[Measure, float], sql: tuple[Measure, float]) -> Agreement:
    """Return an agreement of lines alone."""
    return Agreement("mine", "1", AgreedLines(Line(*mql), Line(*sql)))


WITH_RULES = """
dataset = "mine"
version = "2"
[[icp.criteria]]
attribute = "industry"
one_of = ["Software"]
weight = 1
[[inquiry]]
activity = "form"
[[explicit_intent]]
activity = "demo"
within_days = 30
[[disqualifiers]]
code = "rival"
attribute = "industry"
one_of = ["Rival"]
[lines]
mql = { probability = 0.1 }
sql = { probability = 0.3 }
"""


def with_rules(*changes: tuple[str, str]) -> Agreement:
    """Return an agreement on industry, form and demo, with some places changed."""
    text = WITH_RULES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_agreement(text, "agreement.toml")
