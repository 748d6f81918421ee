"""Leads written by hand: the label, the grade and the rule that decided."""

import pytest

from models.agreement.agreement import Agreement
from tests.models.agreement.leads import Case, fitting, judged
from tests.models.agreement.written import parsed

DEMO = ("demo_request", 2.0)
FORM = ("form_submit", 3.0)
PRICES = (("pricing_page", 1.0), ("pricing_page", 4.0))
LEFT = ("unsubscribe", 1.0)
CHINA = fitting(country="CN")
OUTSIDE = fitting(employees=20, industry="Retail")
QQ_IN_CHINA = fitting(country="中国", email="wang@qq.com")
QQ_IN_GERMANY = fitting(email="wang@qq.com")
STUDENT = fitting(job_title="Student")
RIVAL = fitting(email="lee@rival.example")
# employees (2 of 5) and industry (1 of 5) are missing, so 2 of 5 are known
THIN = fitting(employees=None, industry=None)
NO_COUNTRY = fitting(country=None, email="wang@qq.com")

CASES: dict[str, tuple[Case, str, str, str]] = {
    "fits, demo, over the SQL line": (Case(did=[DEMO]), "SQL", "A2", "SQL"),
    "fits, form only": (Case(did=[FORM]), "MQL", "A4", "MQL"),
    "fits, over the line, no intent": (Case(), "nurture", "A4", "nurture"),
    "demo, does not fit": (Case(OUTSIDE, [DEMO]), "nurture", "C2", "nurture"),
    "demo, under the MQL line": (Case(did=[DEMO], probability=0.09), "nurture", "A2", "nurture"),
    "demo, between the lines": (Case(did=[DEMO], probability=0.2), "MQL", "A2", "MQL"),
    "on the MQL line exactly": (Case(did=[FORM], probability=0.1), "MQL", "A4", "MQL"),
    "on the SQL line exactly": (Case(did=[DEMO], probability=0.25), "SQL", "A2", "SQL"),
    "demo too long ago": (Case(did=[("demo_request", 31.0)]), "nurture", "A3", "nurture"),
    "demo just in time": (Case(did=[("demo_request", 29.9)]), "SQL", "A3", "SQL"),
    "form too long ago": (Case(did=[("form_submit", 91.0)]), "nurture", "A4", "nurture"),
    "two looks at the prices": (Case(did=PRICES), "SQL", "A3", "SQL"),
    "one look at the prices": (Case(did=PRICES[:1]), "nurture", "A4", "nurture"),
    "two looks, one too old": (
        *(Case(did=[PRICES[0], ("pricing_page", 15.0)]), "nurture", "A3", "nurture"),
    ),
    "the pricing form as source": (
        *(Case(source="Pricing  Form", created_days=3.0), "SQL", "A3", "SQL"),
    ),
    "the pricing form, long ago": (
        *(Case(source="pricing form", created_days=31.0), "nurture", "A3", "nurture"),
    ),
    "student with a demo": (Case(STUDENT, [DEMO]), "disqualified", "A2", "student"),
    "competitor": (Case(RIVAL, [DEMO]), "disqualified", "A2", "competitor"),
    "a competitor's subdomain": (
        *(Case(fitting(email="lee@mail.rival.example"), [DEMO]), "disqualified", "A2"),
        "competitor",
    ),
    "a name that ends like the competitor's": (
        *(Case(fitting(email="lee@notrival.example"), [DEMO]), "SQL", "A2", "SQL"),
    ),
    "qq.com in China": (Case(QQ_IN_CHINA, [DEMO], 0.6), "SQL", "A2", "SQL"),
    "qq.com in Germany": (Case(QQ_IN_GERMANY, [DEMO]), "disqualified", "A2", "free_mail"),
    "qq.com, country unknown": (Case(NO_COUNTRY, [DEMO]), "SQL", "A2", "SQL"),
    "gmail.com in China": (
        *(Case(fitting(country="CN", email="wang@gmail.com"), [DEMO], 0.6), "disqualified", "A2"),
        "free_mail",
    ),
    "disposable mail": (
        *(Case(fitting(email="x@mailinator.com"), [DEMO]), "disqualified", "A2", "free_mail"),
    ),
    "test address": (
        *(Case(fitting(email="test@firm.example"), [DEMO]), "disqualified", "A2", "free_mail"),
    ),
    "opted out": (Case(did=[DEMO, LEFT]), "disqualified", "A2", "opted_out"),
    "handed over, then opted out": (
        *(Case(did=[DEMO, LEFT], previous="SQL", handed_over_days=1.0), "disqualified", "A2"),
        "opted_out",
    ),
    "segment with higher lines": (Case(CHINA, [DEMO], 0.3), "MQL", "A2", "MQL"),
    "segment, over its own line": (Case(CHINA, [DEMO], 0.5), "SQL", "A2", "SQL"),
    "just under SQL, new": (Case(did=[DEMO], probability=0.22), "MQL", "A2", "MQL"),
    "just under SQL, was SQL": (
        *(Case(did=[DEMO], probability=0.22, previous="SQL"), "SQL", "A2", "SQL"),
    ),
    "just under SQL, was MQL": (
        *(Case(did=[DEMO], probability=0.22, previous="MQL"), "MQL", "A2", "MQL"),
    ),
    "far under SQL, was SQL": (
        *(Case(did=[DEMO], probability=0.2, previous="SQL"), "MQL", "A2", "MQL"),
    ),
    "just under MQL, was MQL": (
        *(Case(did=[FORM], probability=0.085, previous="MQL"), "MQL", "A4", "MQL"),
    ),
    "just under MQL, was nurture": (
        *(Case(did=[FORM], probability=0.085, previous="nurture"), "nurture", "A4", "nurture"),
    ),
    "handed over and decaying": (
        *(Case(probability=0.02, previous="SQL", handed_over_days=10.0), "SQL", "A4"),
        "handed_over",
    ),
    "handed over as MQL, now SQL": (
        *(Case(did=[DEMO], previous="MQL", handed_over_days=10.0), "SQL", "A2", "SQL"),
    ),
    "handed over and still good": (
        *(Case(did=[DEMO], previous="SQL", handed_over_days=1.0), "SQL", "A2", "SQL"),
    ),
    "recycled": (
        *(Case(did=[("demo_request", 31.0)], previous="SQL", handed_over_days=30.0), "nurture"),
        *("A3", "recycled"),
    ),
    "one day before recycling": (
        *(Case(did=[("demo_request", 30.0)], previous="SQL", handed_over_days=29.0), "SQL", "A3"),
        "handed_over",
    ),
    "recycled although the old form is in its window": (
        *(
            Case(
                did=[("form_submit", 70.0)],
                previous="MQL",
                handed_over_days=65.0,
                created_days=90.0,
            ),
            "nurture",
        ),
        *("A4", "recycled"),
    ),
    "asks again after recycling": (
        *(Case(did=[DEMO], previous="SQL", handed_over_days=40.0), "SQL", "A2", "SQL"),
    ),
    "a new episode ends the hand-over": (
        *(Case(probability=0.05, previous="SQL", handed_over_days=10.0, created_days=2.0),),
        *("nurture", "A4", "nurture"),
    ),
    "fit unknown with a demo": (Case(THIN, [DEMO]), "MQL", "?2", "MQL"),
    "missing everything": (Case({}), "nurture", "?4", "nurture"),
    "missing everything but a demo": (Case({}, [DEMO]), "MQL", "?2", "MQL"),
    "values that cannot be read": (
        *(Case(fitting(employees="many", industry={})), "nurture", "?4", "nurture"),
    ),
    "without a model": (Case(did=[DEMO], probability=None), "SQL", "A2", "SQL"),
    "without a model, form only": (Case(did=[FORM], probability=None), "MQL", "A4", "MQL"),
    "many demos": (Case(did=[DEMO, DEMO, FORM]), "SQL", "A1", "SQL"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_lead_gets_the_label_that_was_worked_out_by_hand(name: str) -> None:
    case, label, grade, rule = CASES[name]
    found = judged(case)
    assert (found.labels, found.grades, found.decided_by) == ([label], [grade], [rule])


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


def test_all_cases_together_are_as_each_alone() -> None:
    cases = [case for case, *_ in CASES.values() if case.probability is not None]
    expected = [label for case, label, *_ in CASES.values() if case.probability is not None]
    assert judged(*cases).labels == expected


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ((), "SQL"),
        # of 5 weights, 2 are met: the share is 0.4
        ((('"B"]', '"B", "C"]'),), "SQL"),
        ((("[200, 1000]", "[20, 100]"), ("probability = 0.25", "probability = 0.31")), "MQL"),
        ((('[[explicit_intent]]\nactivity = "demo_request"\nwithin_days = 30', ""),), "MQL"),
    ],
)
def test_a_changed_agreement_changes_the_label(
    changes: tuple[tuple[str, str], ...], label: str
) -> None:
    agreement: Agreement = parsed(*changes)
    case = Case(did=[DEMO, FORM])
    assert judged(case, agreement=agreement).labels == [label]
