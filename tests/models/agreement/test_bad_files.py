"""Every kind of bad agreement gets one clear message with its line."""

import re

import pytest

from features.errors import AgreementError
from models.agreement.read import parse_agreement
from tests.models.agreement.written import GOOD, changed

CASES: dict[str, tuple[str, str, int, str]] = {
    "syntax": ("between = [200, 1000]", "between = [200, 1000", 12, "Unclosed array"),
    "a key twice": ("weight = 2", "weight = 2\nweight = 3", 13, "Cannot overwrite a value"),
    "no dataset": ('dataset = "mine"', "", 0, "dataset: is not there"),
    "dataset is a number": ('"mine"', "7", 1, "dataset: expected text"),
    "version is empty": ('"3"', '""', 2, "version: is empty"),
    "a date in quotation marks": (
        *("2026-01-01", '"2026-01-01"', 3),
        "valid_from: expected a date such as 2026-03-02, without quotation marks",
    ),
    "an unknown key": ("weight = 2", "wieght = 2", 12, r"icp.criteria\[0\].wieght: is not known"),
    "overlapping fit bands": (
        *("B = 0.5,", "B = 0.8,", 6),
        "icp.grades.B: the bands overlap: B begins at 0.8, not below A at 0.75",
    ),
    "overlapping intent bands": (
        *("2 = 20, 3 = 5", "2 = 20, 3 = 20", 30),
        "intent.grades.3: the bands overlap: 3 begins at 20, not below 2 at 20",
    ),
    "percent instead of share": (
        *("A = 0.75", "A = 75", 6),
        "icp.grades.A: expected a share between 0 and 1, such as 0.25 for 25 %",
    ),
    "a line in percent": (
        *("probability = 0.25", "probability = 25", 88),
        "lines.sql.probability: expected a share between 0 and 1, such as 0.25 for 25 %",
    ),
    "a worse grade fits": ('["A", "B"]', '["A", "C"]', 7, "icp.fits: A, C: a grade that fits is"),
    "a weight of nothing": (
        *("weight = 2", "weight = 0", 12),
        r"icp.criteria\[0\].weight: expected a number greater than 0",
    ),
    "a range the wrong way round": (
        *("[200, 1000]", "[1000, 200]", 11),
        r"icp.criteria\[0\].between: runs from 1000 to 200; expected the smaller number first",
    ),
    "a range with one end": ("[200, 1000]", "[200]", 11, r"between: has too few entries"),
    "two conditions at once": (
        *("between = [200, 1000]", "between = [200, 1000]\nat_least = 5", 12),
        "expected one condition on employees, found between and at_least",
    ),
    "no condition": (
        "between = [200, 1000]\n",
        "",
        9,
        "expected one condition on employees, found none",
    ),
    "no attribute": (
        'attribute = "employees"\n',
        "",
        9,
        "expected one of attribute, channel_one_of",
    ),
    "the channel as an attribute": (
        *('"industry"', '"channel"', 15),
        "channel is no attribute; expected channel_one_of",
    ),
    "no values": ('["Software", "Banking"]', "[]", 16, "one_of: has too few entries"),
    "a value twice": ('"Banking"', '"software"', 16, r"one_of\[1\]: 'software' is named twice"),
    "an unknown country": ('"Germany"', '"Germny"', 21, "'Germny' is not known as a country"),
    "an unknown seniority": ('"director"', '"boss"', 26, "'boss' is not known as a seniority"),
    "an unknown kind of mail": ('"free"', '"cheap"', 79, "'cheap' is not known as a kind of mail"),
    "an address instead of a domain": (
        *('"rival.example"', '"kim@rival"', 69),
        r"domain_one_of\[0\]: is no domain",
    ),
    "the same criterion twice": (
        *(
            'attribute = "industry"\none_of = ["Software", "Banking"]',
            'attribute = "employees"\nbetween = [200, 1000]',
            14,
        ),
        r"icp.criteria\[1\]: says the same as entry 1",
    ),
    "a negative half-life": (
        *("half_life_days = 14", "half_life_days = -14", 36),
        r"intent.signals\[0\].half_life_days: expected a number greater than 0",
    ),
    "points against": (
        "points = 40",
        "points = -40",
        35,
        "points: expected a number greater than 0",
    ),
    "a cap below one activity": (
        *("most_points = 60", "most_points = 6", 37),
        "most_points: is less than the 40 points of one",
    ),
    "no times at all": ("least_count = 2", "least_count = 0", 43, "greater than or equal to 1"),
    "a count of values": (
        *(
            'source_one_of = ["pricing form"]\npoints',
            'source_one_of = ["pricing form"]\nleast_count = 2\npoints',
            47,
        ),
        "least_count: a value is there once; it counts activities",
    ),
    "activity and value at once": (
        *('activity = "form_submit"', 'activity = "form_submit"\nsource_one_of = ["a"]', 51),
        r"inquiry\[0\].source_one_of: an activity takes no condition",
    ),
    "a disqualifier without a code": ('code = "competitor"\n', "", 66, "code: is not there"),
    "a code in words": (
        '"competitor"',
        '"A competitor"',
        67,
        "expected a short name in small letters",
    ),
    "a code twice": ('"student"', '"competitor"', 72, "'competitor' is there twice"),
    "crossed lines": (
        "{ probability = 0.25 }",
        "{ probability = 0.05 }",
        88,
        "the SQL line is not above",
    ),
    "two measures": (
        *("{ probability = 0.25 }", "{ probability = 0.25, lift = 3 }", 88),
        "lines.sql.lift: expected one of probability, lift, precision, capacity_per_week, found "
        "probability and lift",
    ),
    "no measure": ("{ probability = 0.25 }", "{ }", 88, "lines.sql: expected one of .* found none"),
    "an unknown label": (
        "[service.SQL]",
        "[service.SAL]",
        90,
        "service.SAL: expected 'nurture', 'MQL'",
    ),
    "half an attempt": (
        "least_attempts = 6",
        "least_attempts = 6.5",
        92,
        "expected a whole number",
    ),
    "a segment twice": (
        *(
            "[[segments]]",
            '[[segments]]\nname = "china"\nwhen = [{ source_one_of = ["a"] }]\nrank = 1\n'
            "[[segments]]\nrank = 2",
            107,
        ),
        "'china' is there twice",
    ),
    "segments that overlap": (
        *(
            "[[segments]]",
            '[[segments]]\nname = "web"\nwhen = [{ channel_one_of = ["Web"] }]\n[[segments]]',
            104,
        ),
        "a lead may be in 'china' and in 'web'",
    ),
    "an unknown role": (
        *(
            "[recycling]",
            '[[signatures]]\nrole = "it"\nname = "a"\ndate = 2026-01-01\nhash = ""\n[recycling]',
            98,
        ),
        "role: expected 'marketing' or 'sales'",
    ),
    "a short hash": (
        *(
            "[recycling]",
            '[[signatures]]\nrole = "sales"\nname = "a"\ndate = 2026-01-01\n'
            'hash = "abc"\n[recycling]',
            101,
        ),
        "hash: expected the 64 characters",
    ),
    "hysteresis the other way": (
        *('version = "3"', 'version = "3"\nhysteresis_points = -3', 3),
        "hysteresis_points: expected a number greater than or equal to 0",
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_bad_file_is_refused_with_its_line(kind: str) -> None:
    old, new, line, message = CASES[kind]
    with pytest.raises(AgreementError, match=message) as caught:
        parse_agreement(changed((old, new)), "agreement.toml")
    said = str(caught.value)
    assert "\n" not in said
    found = re.match(r"agreement\.toml:(\d+): ", said)
    assert (int(found[1]) if found else 0) == line, said


def test_a_good_file_gets_no_message() -> None:
    assert parse_agreement(GOOD, "agreement.toml").version == "3"
