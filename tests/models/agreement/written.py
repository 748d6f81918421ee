"""A good agreement as people write it, which tests change in one place."""

from models.agreement.agreement import Agreement
from models.agreement.read import parse_agreement

GOOD = """\
dataset = "mine"
version = "3"
valid_from = 2026-01-01

[icp]
grades = { A = 0.75, B = 0.5, C = 0.25 }
fits = ["A", "B"]

[[icp.criteria]]
attribute = "employees"
between = [200, 1000]
weight = 2

[[icp.criteria]]
attribute = "industry"
one_of = ["Software", "Banking"]
weight = 1

[[icp.criteria]]
attribute = "country"
country_one_of = ["Germany", "AT", "中国"]
weight = 1

[[icp.criteria]]
attribute = "job_title"
seniority_one_of = ["director", "top management"]
weight = 1

[intent]
grades = { 1 = 40, 2 = 20, 3 = 5 }
most_points = 100

[[intent.signals]]
activity = "demo_request"
points = 40
half_life_days = 14
most_points = 60

[[intent.signals]]
activity = "pricing_page"
points = 10
half_life_days = 7
least_count = 2

[[intent.signals]]
source_one_of = ["pricing form"]
points = 15

[[inquiry]]
activity = "form_submit"
within_days = 90

[[explicit_intent]]
activity = "demo_request"
within_days = 30

[[explicit_intent]]
activity = "pricing_page"
within_days = 14
least_count = 2

[[explicit_intent]]
source_one_of = ["pricing form"]
within_days = 30

[[disqualifiers]]
code = "competitor"
attribute = "email"
domain_one_of = ["rival.example"]

[[disqualifiers]]
code = "student"
attribute = "job_title"
seniority_one_of = ["student"]

[[disqualifiers]]
code = "free_mail"
attribute = "email"
mail = ["free", "disposable", "test"]
country = "country"

[[disqualifiers]]
code = "opted_out"
activity = "unsubscribe"

[lines]
mql = { probability = 0.1 }
sql = { probability = 0.25 }

[service.SQL]
first_contact_minutes = 60
least_attempts = 6

[service.MQL]
first_contact_minutes = 1440

[recycling]
sql_days = 30
mql_days = 60

[[segments]]
name = "china"
when = [{ attribute = "country", country_one_of = ["CN"] }]
lines = { mql = { probability = 0.2 }, sql = { probability = 0.5 } }
"""


def parsed(*changes: tuple[str, str]) -> Agreement:
    """Return the agreement with some places changed."""
    return parse_agreement(changed(*changes), "agreement.toml")


def changed(*changes: tuple[str, str]) -> str:
    """Return its text with the first of each of some places changed."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text
