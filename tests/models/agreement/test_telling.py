"""Every decision is told rule by rule, in both languages."""

import json
import re

import pytest

from models.agreement.agreement import default_agreement
from tests.models.agreement.leads import Case, fitting, judged
from tests.models.agreement.test_cases import CASES, DEMO, FORM, THIN
from tests.models.agreement.test_qualify import TYPES, space_of
from tests.models.agreement.written import parsed

ASKED = (
    "Demo requested (30 days), Pricing page viewed 2 times (14 days) or Source: pricing form "
    "(30 days)"
)


def sentences(case: Case, language: str = "en") -> dict[str, str]:
    return {rule["rule"]: rule["text"] for rule in judged(case).row(0, language)["rules"]}


def test_what_is_missing_for_the_next_label_is_named() -> None:
    assert sentences(Case(did=[FORM])) == {
        "disqualified": "not disqualified: none of competitor, free mail, opted out or student",
        "SQL": f"not SQL: no explicit intent; missing: {ASKED}",
        "MQL": "MQL: fits the ideal customer profile (grade A); inquiry (Form submitted); "
        "probability over the MQL line of 10 %",
    }


def test_one_window_for_all_signs_is_said_once() -> None:
    agreement = parsed(("within_days = 14", "within_days = 30"))
    text = judged(Case(), agreement=agreement).row(0)["rules"][1]["text"]
    assert text == (
        "not SQL: no explicit intent within 30 days; missing: Demo requested, Pricing page viewed "
        "2 times or Source: pricing form"
    )


def test_only_what_is_in_the_way_is_said_of_a_label_that_was_missed() -> None:
    found = sentences(Case(fitting(employees=20, industry="Retail"), [DEMO], 0.2))
    assert found["SQL"] == (
        "not SQL: does not fit the ideal customer profile (grade C, expected A or B); probability "
        "under the SQL line of 25 %"
    )
    assert found["MQL"] == (
        "not MQL: does not fit the ideal customer profile (grade C, expected A or B)"
    )
    assert found["nurture"] == "nurture: everything else"


def test_a_disqualified_lead_is_told_why_and_no_more() -> None:
    case = Case(fitting(job_title="Student"), [DEMO])
    found = judged(case).row(0)
    assert found["rules"] == [
        {"rule": "disqualified", "met": True, "text": "disqualified: student"}
    ]
    assert (found["rule"], found["action"], found["missing"]) == ("student", "do not contact", [])


def test_hysteresis_and_hand_over_are_told() -> None:
    near = sentences(Case(did=[DEMO], probability=0.22, previous="SQL"))
    assert near["SQL"].endswith(
        "probability less than 3 points under the SQL line of 25 %, which it was over"
    )
    held = judged(Case(probability=0.02, previous="SQL", handed_over_days=10.0)).row(0)
    assert held["rules"][1]["text"] == (
        "handed over to sales as SQL: keeps at least that until sales answers, 30 days at most"
    )
    assert held["rules"][-1]["rule"] == "MQL"


def test_recycling_and_a_new_episode_are_told() -> None:
    case = Case(did=[DEMO], previous="MQL", handed_over_days=70.0, created_days=90.0)
    found = judged(case).row(0)
    assert found["rules"][1]["text"].startswith("free again: 60 days went by without an answer")
    assert found["new_episode"] is True
    again = judged(case._replace(created_days=3.0)).row(0)
    assert again["rules"][1]["text"] == "a new episode: the hand-over was of an earlier one"
    assert again["new_episode"] is True
    assert judged(Case(did=[DEMO])).row(0)["new_episode"] is False


def test_a_missing_field_says_what_it_could_change() -> None:
    found = judged(Case(THIN, [DEMO]), space=space_of(**TYPES)).row(0)["missing"]
    assert found[0] == {
        "about": "employees",
        "grade": "A",
        "label": "SQL",
        "text": "if Employees were 200-1,000 the fit grade would be A and the label SQL",
    }
    same = judged(Case(THIN, [FORM])).row(0)["missing"]
    assert same[0]["text"] == "if Employees were 200-1,000 the fit grade would be A"
    assert same[0]["label"] == "MQL"


@pytest.mark.parametrize("name", CASES)
def test_filling_in_what_is_missing_does_what_was_said(name: str) -> None:
    good = {"employees": 300, "industry": "Banking", "country": "AT", "job_title": "CEO"}
    case = CASES[name][0]
    for item in judged(case).row(0)["missing"]:
        filled = {**case.attributes, item["about"]: good[item["about"]]}
        found = judged(case._replace(attributes=filled))
        assert (found.grades[0][0], found.labels[0]) == (item["grade"], item["label"])


def test_actions_say_the_service_level() -> None:
    assert judged(Case(did=[DEMO])).row(0)["action"] == (
        "hand over to sales: contact within 60 minutes, at least 6 attempts before giving up"
    )
    mql = judged(Case(did=[FORM])).row(0)
    assert mql["action"] == "sales development follows up: contact within 24 hours"
    assert (mql["first_contact_minutes"], mql["least_attempts"]) == (1440.0, None)
    assert judged(Case()).row(0)["action"] == "nurture by marketing"


def test_numbers_stand_beside_the_words() -> None:
    found = judged(Case(THIN, [DEMO], source="pricing form")).row(0)
    assert found["fit_share"] == 1.0
    assert found["fit_known_share"] == pytest.approx(2 / 5)
    assert found["intent_points"] == pytest.approx(15.0 + 40.0 * 0.5 ** (2 / 14))
    assert judged(Case({})).row(0)["fit_share"] is None


def test_an_agreement_of_lines_alone_says_so() -> None:
    agreement = default_agreement("mine", 0.05)
    found = judged(Case(), agreement=agreement).row(0)
    assert [rule["text"] for rule in found["rules"]] == [
        "not disqualified: no reasons were agreed",
        "SQL: probability over the SQL line of 20 %",
    ]


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_told_in_both_languages(name: str) -> None:
    found = judged(CASES[name][0])
    english, chinese = found.row(0, "en"), found.row(0, "zh")
    assert [rule["rule"] for rule in english["rules"]] == [
        rule["rule"] for rule in chinese["rules"]
    ]
    assert not re.search(r"[\u4e00-\u9fff]", json.dumps(english, ensure_ascii=False))
    for rule in chinese["rules"]:
        assert re.search(r"[\u4e00-\u9fff]", rule["text"])
    decided = [rule["rule"] for rule in english["rules"] if rule["met"]]
    assert len(decided) >= 1
