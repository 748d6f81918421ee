"""Time of qualification: what it adds to one answer, and many leads at once."""

from dataclasses import replace

import numpy as np

from benchmarks.inside import seconds_of
from features.column import Column
from features.leads import Leads
from features.records import assemble
from models.agreement.lines import resolve_simple
from models.agreement.qualify import apply
from models.agreement.read import parse_agreement
from models.agreement.rules import Rules, make_rules
from models.bundle.bundle import Bundle
from models.scorer import Scorer
from tests.factories import AS_OF, make_record

BULK_LEADS = 2000
AGREEMENT = """
dataset = "factory"
version = "1"
[[icp.criteria]]
attribute = "a0_number"
between = [10, 100]
weight = 3
[[icp.criteria]]
attribute = "a6_category"
one_of = ["Software", "Banking", "Logistics"]
weight = 2
[[icp.criteria]]
attribute = "a16_job_title"
seniority_one_of = ["manager", "director", "top management"]
weight = 2
[[icp.criteria]]
attribute = "a14_email"
mail = ["business"]
country = "a13_country"
weight = 1
[[intent.signals]]
activity = "demo_request"
points = 30
half_life_days = 14
[[intent.signals]]
activity = "trial_start"
points = 30
half_life_days = 14
[[intent.signals]]
activity = "pricing_page"
points = 10
half_life_days = 7
[[intent.signals]]
activity = "download"
points = 4
half_life_days = 30
[[inquiry]]
activity = "form_submit"
within_days = 90
[[inquiry]]
activity = "chat"
within_days = 90
[[explicit_intent]]
activity = "demo_request"
within_days = 30
[[explicit_intent]]
activity = "trial_start"
within_days = 30
[[explicit_intent]]
activity = "pricing_page"
least_count = 2
within_days = 30
[[disqualifiers]]
code = "competitor"
attribute = "a14_email"
domain_one_of = ["rival.example"]
[[disqualifiers]]
code = "disposable_mail"
attribute = "a14_email"
mail = ["disposable", "test"]
[[disqualifiers]]
code = "student"
attribute = "a16_job_title"
seniority_one_of = ["student"]
[[disqualifiers]]
code = "opted_out"
activity = "unsubscribe"
[lines]
mql = { lift = 1.5 }
sql = { lift = 3 }
[service.SQL]
first_contact_minutes = 60
least_attempts = 6
"""

# the factory's wins are frequent: a lift of its anchor would be no probability
WITH_LINES = AGREEMENT.replace("lift = 1.5", "probability = 0.3").replace(
    "lift = 3", "probability = 0.6"
)


def qualification(bundle: Bundle, *, n_leads: int, rounds: int) -> list[tuple[str, str]]:
    """Return the time that one lead and many leads take."""
    scorer = Scorer(bundle)
    agreement = parse_agreement(AGREEMENT, "bench")
    # the factory's wins are frequent: a lift of its anchor would be no probability
    rules = make_rules(agreement, resolve_simple(agreement, 0.1), scorer.space)
    return [
        ("qualification with sentences, one lead", _one(rules, scorer, rounds)),
        (f"qualification, {n_leads:,} leads", _many(rules, scorer, n_leads, rounds)),
    ]


def _one(rules: Rules, scorer: Scorer, rounds: int) -> str:
    leads, activities = assemble([make_record(1)])
    probability = scorer.score(leads, activities).probability

    def work() -> None:
        found = apply(rules, leads, activities, probability, now=AS_OF, previous=["MQL"])
        _ = found.labels, found.grades, found.row(0)

    return f"{seconds_of(work, rounds=rounds, repeats=500) * 1e6:.0f} us"


def _many(rules: Rules, scorer: Scorer, n_leads: int, rounds: int) -> str:
    small = assemble([make_record(i) for i in range(BULK_LEADS)])
    rows = np.arange(n_leads) % BULK_LEADS
    leads, activities = _with_own_addresses(small[0].take(rows)), small[1].take(rows)
    probability = np.random.default_rng(0).random(n_leads)

    def work() -> None:
        found = apply(rules, leads, activities, probability, now=AS_OF)
        _ = found.labels, found.grades

    return f"{seconds_of(work, rounds=rounds, repeats=1) * 1e3:.0f} ms"


def _with_own_addresses(leads: Leads) -> Leads:
    """Return leads with an address of its own each, as an export has them."""
    n = leads.n_leads
    addresses = [f"kim.{i}@firm-{i}.example" for i in range(n)]
    column = Column(addresses, np.arange(n, dtype=np.int32))
    return replace(leads, attributes={**leads.attributes, "a14_email": column})
