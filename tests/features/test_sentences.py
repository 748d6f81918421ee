import pytest
from hypothesis import given, settings

from features.activities.spec import ActivitySpec
from features.attributes.email import KINDS as MAIL_KINDS
from features.attributes.spec import AttributeSpec
from features.feature import Described
from features.moment import DAY
from features.records import ActivityRecord, LeadRecord, assemble
from features.sentences import LANGUAGES, Describer, catalogue
from features.space import FeatureSpace
from tests.features.invented import AS_OF, done, records

PERSONAL = ("kim.kowalski", "secret-firm.example", "5550", "1234", "Kowalski", "Wizard")


def lead(*activities: ActivityRecord, **attributes: object) -> LeadRecord:
    return LeadRecord("L", AS_OF, AS_OF - 3 * DAY, "web", None, 1, attributes, activities)


def said(space: FeatureSpace, record: LeadRecord, about: str, language: str = "en") -> Described:
    leads, activities = assemble([record])
    matrix = space.build(leads, activities)
    position = [each.name for each in space.abouts].index(about)
    return Describer(space).describe(matrix, leads, 0, position, language)


@settings(max_examples=30)
@given(records())
def test_everything_has_a_sentence_in_every_language(
    space: FeatureSpace, record: LeadRecord
) -> None:
    for about in space.abouts:
        english, chinese = (said(space, record, about.name, language) for language in LANGUAGES)
        assert english.text
        assert chinese.text != english.text
        assert "{" not in english.text + chinese.text


@pytest.mark.parametrize(
    ("days_ago", "text", "value"),
    [
        ((2.5,), "Demo requested 2 days ago", 2.5),
        ((0.5,), "Demo requested today", 0.5),
        ((1.2,), "Demo requested yesterday", 1.2),
        ((9, 3, 2.1), "Demo requested 2 times in 7 days, last 2 days ago", 2.1),
        ((), "Demo requested: not so far", None),
    ],
)
def test_activities_are_said_with_their_last_day(
    space: FeatureSpace, days_ago: tuple[float, ...], text: str, value: float | None
) -> None:
    record = lead(*done("demo_request", *days_ago))
    assert said(space, record, "demo_request") == (value, text)


def test_activities_are_said_in_chinese(space: FeatureSpace) -> None:
    record = lead(*done("demo_request", 2.5))
    assert said(space, record, "demo_request", "zh").text == "2 天前申请演示"


@pytest.mark.parametrize(
    ("name", "raw", "english", "chinese"),
    [
        ("number", "1,250", "The number: 1,250", "The number：1,250"),
        ("category", " google", "The category: google", "The category：google"),
        ("boolean", "是", "The boolean: yes", "The boolean：是"),
        ("country", "德国", "The country: Germany", "The country：德国"),
        ("phone", "+49 30 5550 1234", "The phone: a number in Germany", "The phone：德国号码"),
        ("date", "2025-06-01", "The date: 2025-06-01", "The date：2025-06-01"),
        ("number", None, "The number is not known", "The number：未知"),
        (
            "job_title",
            "Wizard",
            "The job title: neither seniority nor department can be told",
            "The job title：无法判断级别和部门",
        ),
        ("number", "lots", "The number is not known", "The number：未知"),
    ],
)
def test_attributes_are_said_with_their_value(
    space: FeatureSpace, name: str, raw: object, english: str, chinese: str
) -> None:
    record = lead(**{f"the_{name}": raw})
    texts = [said(space, record, f"the_{name}", language).text for language in LANGUAGES]
    assert texts == [english, chinese]


def test_labels_of_the_mapping_are_used() -> None:
    record = lead(*done("booth", 0.1), size=3)
    labels = {"booth": {"en": "Booth visited", "zh": "参观展位"}}
    spec = AttributeSpec("size", "number", label={"en": "Employees", "zh": "员工人数"})
    space = FeatureSpace.fit(*assemble([record]), [spec], ActivitySpec(labels=labels))
    assert said(space, record, "booth").text == "Booth visited today"
    assert said(space, record, "size").text == "Employees: 3"
    assert said(space, record, "size", "zh").text == "员工人数：3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_what_is_personal(space: FeatureSpace, language: str) -> None:
    record = lead(
        the_email="kim.kowalski@secret-firm.example",
        the_phone="+49 30 5550 1234",
        the_text="Kowalski here, call 5550 1234",
        the_job_title="Wizard Kowalski",
    )
    for about in space.abouts:
        value, text = said(space, record, about.name, language)
        assert not [word for word in PERSONAL if word in f"{value} {text}"]


def test_the_value_of_a_title_that_says_nothing_is_none(space: FeatureSpace) -> None:
    assert said(space, lead(the_job_title="Wizard"), "the_job_title").value is None


def test_one_missing_attribute_is_one_attribute() -> None:
    record = lead()
    space = FeatureSpace.fit(*assemble([record]), [AttributeSpec("a", "number")], ActivitySpec())
    assert said(space, record, "completeness").text == "1 attribute is not known"


def test_every_kind_of_domain_has_a_sentence() -> None:
    for language in LANGUAGES:
        sentences = catalogue(language)["attribute"]
        assert {f"email_{kind}" for kind in (*MAIL_KINDS, "test", "invalid")} <= set(sentences)


def test_a_language_that_is_not_spoken_is_answered_in_english() -> None:
    assert catalogue("fr") == catalogue("en")
