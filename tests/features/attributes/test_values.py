import json
import re
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.attributes.country import country_name
from features.attributes.date import date_in
from features.attributes.email import EmailEncoder, home_of_domain, kind_of_domain, mail_in
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.fit import encoder_from_json, encoder_to_json, learn_encoder
from features.attributes.job_title import title_in
from features.attributes.number import NumberEncoder, number_in
from features.attributes.phone import phone_in
from features.attributes.spec import ATTRIBUTE_TYPES, AttributeSpec, AttributeType
from features.attributes.text import shape_of
from features.attributes.words import word_list
from features.column import column_of
from tests.features.invented import RAW

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.emails() | st.just(10**5000)
EACH_TYPE = pytest.mark.parametrize("type_", ATTRIBUTE_TYPES)


def encoder_of(type_: AttributeType, **options: object) -> Encoder:
    spec = AttributeSpec("x", type_, **options)  # type: ignore[arg-type]
    return learn_encoder(spec, column_of(list(RAW[type_]) * 12))


def row(encoder: Encoder, value: object) -> str:
    """Return the exact numbers of a value, as text since NaN differs from itself."""
    try:
        return repr(encoder.row(value))
    except Unreadable:
        return repr(encoder.missing_row)


@EACH_TYPE
@given(value=VALUES)
def test_any_value_is_read_or_called_unreadable(type_: AttributeType, value: object) -> None:
    encoder = encoder_of(type_)
    try:
        numbers = encoder.row(value)
    except Unreadable:
        return
    assert len(numbers) == len(encoder.columns)
    assert all(type(number) is float for number in numbers)
    assert isnan(numbers[0]) == (encoder.read(value) is None)


@EACH_TYPE
@given(value=VALUES)
def test_a_stored_form_means_the_same(type_: AttributeType, value: object) -> None:
    encoder = encoder_of(type_)
    try:
        meaning = encoder.read(value)
    except Unreadable:
        return
    if meaning is not None:
        stored = encoder.stored(meaning)
        assert encoder.read(stored) == meaning
        assert row(encoder, stored) == row(encoder, value)


@EACH_TYPE
def test_an_encoder_read_from_json_gives_the_same_numbers(type_: AttributeType) -> None:
    encoder = encoder_of(type_, aliases={"A": "B"}, empty=("Select",))
    again = encoder_from_json(encoder_to_json(encoder))
    assert [row(again, raw) for raw in RAW[type_]] == [row(encoder, raw) for raw in RAW[type_]]


@EACH_TYPE
def test_empty_words_are_compared_without_case(type_: AttributeType) -> None:
    encoder = encoder_of(type_, empty=("Select",))
    assert [encoder.read(value) for value in (None, "", " ", "SELECT", float("nan"))] == [None] * 5


@given(st.dictionaries(st.sampled_from("abcde"), st.sampled_from("abcde"), max_size=5))
def test_aliases_of_aliases_end_at_one_meaning(aliases: dict[str, str]) -> None:
    encoder = encoder_of("category", aliases=aliases)
    for word in "abcde":
        meaning = encoder.read(word)
        assert encoder.read(meaning) == meaning


@pytest.mark.parametrize("type_", ["number", "category", "phone", "tags", "text"])
@pytest.mark.parametrize("word", ["999", "999.0"])
def test_an_empty_word_that_is_a_number_is_empty_however_it_is_written(
    type_: AttributeType, word: str
) -> None:
    encoder = encoder_of(type_, empty=(word,))
    assert [encoder.read(value) for value in (999, 999.0, "999", " 999.0 ")] == [None] * 4
    assert encoder.read(998) is not None


def test_numbers_that_mean_empty_or_another_are_the_same_alone_and_in_a_column() -> None:
    encoder = encoder_of("number", empty=("999", "1,000"), aliases={"7": "70", "few": "3"})
    assert isinstance(encoder, NumberEncoder)
    values = [999.0, 1000.0, 7.0, 70.0, 5.0, float("nan"), float("inf")]
    column = encoder.numbers_of(np.array(values)).tolist()
    assert repr([(value,) for value in column]) == f"[{', '.join(row(encoder, v) for v in values)}]"
    assert repr(column) == repr([nan, nan, 70.0, 70.0, 5.0, nan, nan])
    texts = ["999.00", "1000", "7", "70", "5", "", "inf"]
    assert [row(encoder, text) for text in texts] == [row(encoder, value) for value in values]
    assert encoder.read("Few") == 3


@pytest.mark.parametrize("type_", ["number", "category", "country", "boolean", "tags"])
def test_an_alias_of_an_empty_word_is_empty(type_: AttributeType) -> None:
    encoder = encoder_of(type_, empty=("n/a",), aliases={"not  given": "N/A", "none": "not given"})
    assert [encoder.read(value) for value in ("Not given", "NONE")] == [None, None]


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("category", 1e17, 10**17),
        ("category", -0.0, 0),
        ("boolean", "1.0", 1),
        ("phone", 13800138000.0, "13800138000"),
        ("phone", 13800138000, "138 0013 8000"),
        ("text", 12.0, "12"),
        ("tags", [3, 3.0], "3"),
    ],
)
def test_a_number_is_the_same_in_json_and_in_a_file(
    type_: AttributeType, one: object, other: object
) -> None:
    encoder = encoder_of(type_)
    assert encoder.read(one) == encoder.read(other) is not None


@pytest.mark.parametrize("type_", ["email", "phone", "job_title", "text"])
@given(data=st.data())
def test_what_only_looks_like_a_stored_form_is_read_or_called_unreadable(
    type_: AttributeType, data: st.DataObject
) -> None:
    encoder = encoder_of(type_)
    stored = encoder.stored(encoder.read(RAW[type_][0]))
    for name in data.draw(st.sets(st.sampled_from(sorted(stored)), min_size=1)):
        stored[name] = data.draw(VALUES)
    try:
        meaning = encoder.read(stored)
    except Unreadable:
        return
    assert encoder.read(json.loads(json.dumps(encoder.stored(meaning)))) == meaning
    assert all(type(number) is float for number in encoder.numbers(meaning))


@pytest.mark.parametrize(
    ("type_", "name", "part"),
    [
        ("email", "length", 10**400),
        ("email", "domain", []),
        ("phone", "country", "Kowalski"),
        ("phone", "valid", 1),
        ("job_title", "department", "Kowalski"),
        ("job_title", "rank", 12),
        ("text", "digits_share", float("nan")),
        ("text", "words", "3"),
    ],
)
def test_a_stored_form_with_a_wrong_part_is_unreadable(
    type_: AttributeType, name: str, part: object
) -> None:
    encoder = encoder_of(type_)
    stored = encoder.stored(encoder.read(RAW[type_][0]))
    with pytest.raises(Unreadable, match=r"^$"):
        encoder.read({**stored, name: part})
    with pytest.raises(Unreadable, match=r"^$"):
        encoder.read({key: kept for key, kept in stored.items() if key != name})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250", 250),
        (" 1,234.50 ", 1234.5),
        ("1.234,5", 1234.5),
        ("12 %", 12),
        ("-3", -3),
        ("+1,000", 1000),
        ("2.5e3", 2500),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: float) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize("text", ["inf", "nan", "1_000", "1,23", "12 apples", "%", "1e999", "--1"])
def test_what_is_no_finite_number_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match=r"^$"):
        number_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02",
        "2026-03-02T00:00:00Z",
        "2026-03-02T08:00:00+08:00",
        "2026/03/02",
        "02.03.2026",
        "20260302",
        "2026年3月2日",
    ],
)
def test_common_forms_of_a_date_are_one_day(text: str) -> None:
    assert date_in(text).isoformat() == "2026-03-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("Yes", True), ("是", True), (1, True), ("TRUE", True), ("否", False), (0.0, False)],
)
def test_yes_and_no_in_two_languages(value: object, meaning: bool) -> None:
    assert encoder_of("boolean").read(value) is meaning


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("gmail.com", "free"),
        ("qq.com", "regional"),
        ("163.com", "regional"),
        ("tsinghua.edu.cn", "education"),
        ("cam.ac.uk", "education"),
        ("city.gov.cn", "government"),
        ("mailinator.com", "disposable"),
        ("notgmail.com", "business"),
        ("education.example", "business"),
    ],
)
def test_domains_have_a_kind(domain: str, kind: str) -> None:
    assert kind_of_domain(domain) == kind


@pytest.mark.parametrize("address", ["a@b", "a b@c.de", "@c.de", "a@@c.de", "a@ü..de", "a@.com"])
def test_what_is_no_address_is_not_valid(address: str) -> None:
    assert not mail_in(address).valid


def test_domains_in_any_script_are_kept_in_their_ascii_form() -> None:
    assert mail_in("li@例子.com").domain == "xn--fsqu00a.com"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+49 (30) 5550-1234", "DE"),
        ("0086 138 0013 8000", "CN"),
        ("13800138000", "CN"),
        ("+852 5550 1234", "HK"),
        ("+1 212 555 0100", "US"),
        ("+44 20 5550 1234 ext. 12", "GB"),
        ("030 5550 1234", ""),
    ],
)
def test_prefixes_tell_the_country(number: str, country: str) -> None:
    found = phone_in(number)
    assert found.valid
    assert found.country == country


@pytest.mark.parametrize("number", ["12", "call me", "+49 30 12345678901234", ""])
def test_what_is_no_number_is_not_valid(number: str) -> None:
    assert not phone_in(number).valid


@pytest.mark.parametrize("name", ["Germany", "germany", "DE", "德国", "Deutschland"])
def test_names_and_codes_of_a_country_are_one(name: str) -> None:
    assert encoder_of("country").read(name) == "DE"


def test_every_country_has_names_in_both_languages_and_a_prefix() -> None:
    for code, country in word_list("countries").items():
        assert re.fullmatch("[A-Z]{2}", code)
        assert re.fullmatch("[1-9][0-9]{0,2}", country["dial"])
        assert country_name(code, "zh") != country_name(code, "en")


@pytest.mark.parametrize(
    ("title", "rank", "department"),
    [
        ("Chief Financial Officer", 6, "finance"),
        ("首席技术官", 6, "it"),
        ("Vice President Sales", 5, "sales"),
        ("副总裁", 5, "management"),
        ("Head of Purchasing", 4, "purchasing"),
        ("采购总监", 4, "purchasing"),
        ("Marketing Manager", 3, "marketing"),
        ("市场经理", 3, "marketing"),
        ("IT经理", 3, "it"),
        ("高级HR主管", 3, "hr"),
        ("Chief Operating Officer", 6, "operations"),
        ("Chief Product Officer", 6, "product"),
        ("CPO", 6, "product"),
        ("Chief Executive Officer", 6, "management"),
        ("Unit Manager", 3, ""),
        ("Software Engineer", 2, "it"),
        ("学生", 0, "education"),
        ("Wizard", -1, ""),
    ],
)
def test_titles_tell_seniority_and_department(title: str, rank: int, department: str) -> None:
    assert title_in(title) == (rank, department)


def test_the_shape_of_a_text_by_hand() -> None:
    assert shape_of("价格 12? www.a.de") == (15, 4, 2 / 15, 2 / 15, 1, True)


def test_tags_are_a_set() -> None:
    tags = encoder_of("tags")
    assert row(tags, "b; a;b") == row(tags, ["a", "b"])
    assert tags.row("a,b,c")[0] == 3.0


def test_every_regional_provider_has_a_country() -> None:
    domains = word_list("mail_domains")["regional"]
    assert {home_of_domain(domain) for domain in domains} == {"CN", "JP", "KR"}
    assert sum(map(len, word_list("mail_domains")["homes"].values())) == len(domains)


@given(
    st.text("aZ1._+-@é ", max_size=12),
    st.text("aZ1-_.", max_size=70) | st.text("a-.", max_size=8),
    st.sampled_from([".example", ".co.uk", ".edu.cn", ".", "", ".中国", ".x1"]),
)
def test_usual_addresses_are_read_as_all_others(name: str, label: str, end: str) -> None:
    address = f"{name}@{label}{end}"
    plain = mail_in(address)
    slow = mail_in(f" {address}")  # a blank in front leaves the quick way
    assert plain == slow
    encoder = EmailEncoder(AttributeSpec("email", "email"))
    found = encoder.glimpse(address)
    assert found == encoder.glimpse(encoder.stored(plain))
    kind = kind_of_domain(plain.domain) if plain.valid else "invalid"
    assert found == (plain.domain, kind, plain.role, plain.test)
