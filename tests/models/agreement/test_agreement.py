"""Promises of the agreement's file."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import AgreementError, SignatureError
from models.agreement.agreement import (
    Recycling,
    ServiceLevel,
    Sign,
    default_agreement,
    lines_at,
)
from models.agreement.condition import Condition
from models.agreement.described import described
from models.agreement.lines import AgreedLines, Line, Lines, resolve_simple
from models.agreement.read import load_agreement, parse_agreement
from models.agreement.rules import make_rules
from models.agreement.signing import check_signatures, content_hash, signed_text, unsigned_by
from tests.models.agreement.written import GOOD, changed, parsed

DAY = date(2026, 1, 5)
SMALL = """dataset = "mine"
version = "3"
[lines]
mql = { probability = 0.1 }
sql = { probability = 0.25 }
"""


def test_a_good_file_is_read() -> None:
    found = parsed()
    assert (found.dataset, found.version, found.valid_from) == ("mine", "3", date(2026, 1, 1))
    assert found.icp is not None
    assert found.icp.criteria[0].condition == Condition("employees", "between", (200.0, 1000.0))
    assert found.icp.criteria[1].condition.wanted == ("banking", "software")
    assert found.icp.criteria[2].condition.wanted == ("AT", "CN", "DE")
    assert found.icp.criteria[3].condition.wanted == ("4", "6")
    assert found.intent is not None
    assert (found.intent.grades, found.intent.most_points) == ((40.0, 20.0, 5.0), 100.0)
    assert found.intent.signals[2].sign.what == Condition("source", "one_of", ("pricing form",))
    assert found.explicit_intent is not None
    assert found.explicit_intent[1] == Sign("pricing_page", 14.0, 2)
    assert [one.code for one in found.disqualifiers] == [
        *("competitor", "student", "free_mail", "opted_out")
    ]
    assert found.service["SQL"] == ServiceLevel(60.0, 6)
    assert found.recycling == Recycling(60.0, 30.0)
    assert found.segments[0].lines == lines_at(0.2, 0.5)
    assert found.hysteresis_points == 3.0


def test_a_file_may_hold_lines_alone() -> None:
    found = parse_agreement(SMALL, "a.toml")
    assert (found.icp, found.inquiry, found.service) == (None, None, {})
    assert found.lines == lines_at(0.1, 0.25)


def test_the_agreement_of_the_sample_is_good() -> None:
    path = Path(__file__).parents[3] / "agreement.toml"
    assert load_agreement(path).dataset == "simulated"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgreementError, match="cannot be read"):
        load_agreement(tmp_path / "none.toml")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "agreement.toml"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(AgreementError, match=r"agreement.toml: cannot be read; .* UTF-8"):
        load_agreement(path)


@given(st.floats(0.0001, 0.9999))
def test_default_lines_are_in_order_for_every_anchor(anchor: float) -> None:
    lines = resolve_simple(default_agreement("mine", anchor), anchor)
    assert anchor < lines.mql < lines.sql < 1.0


def test_lifts_are_multiples_of_the_anchor() -> None:
    agreement = parse_agreement(
        SMALL.replace("probability = 0.1 ", "lift = 1.5 ").replace(
            "probability = 0.25", "lift = 4"
        ),
        "a.toml",
    )
    assert resolve_simple(agreement, 0.06) == Lines(0.06 * 1.5, 0.24)


def test_segments_may_have_lines_of_their_own() -> None:
    lines = resolve_simple(parsed(), 0.05)
    assert lines == Lines(0.1, 0.25, {"china": Lines(0.2, 0.5)})
    assert (lines.of("china").mql, lines.of("other").mql, lines.of(None).mql) == (0.2, 0.1, 0.1)
    assert Lines.from_json(lines.to_json()) == lines


@pytest.mark.parametrize(
    ("line", "anchor", "message"),
    [
        ("capacity_per_week = 5", 0.1, r"a.toml:5: lines.sql: a line by capacity_per_week has to"),
        ("precision = 0.5", 0.1, "a line by precision has to be resolved on past leads"),
        ("lift = 12", 0.1, r"a lift of 12 over a base rate of 0.1 is no probability; .* 10$"),
        ("lift = 1", 0.05, r"the SQL line \(0.05\) is not above the MQL line \(0.1\)"),
    ],
)
def test_lines_that_cannot_be_resolved_say_why(line: str, anchor: float, message: str) -> None:
    agreement = parse_agreement(SMALL.replace("probability = 0.25", line), "a.toml")
    with pytest.raises(AgreementError, match=message):
        resolve_simple(agreement, anchor)


def test_a_line_keeps_its_measure() -> None:
    agreement = parse_agreement(SMALL.replace("probability = 0.25", "precision = 0.5"), "a.toml")
    assert agreement.lines == AgreedLines(Line("probability", 0.1), Line("precision", 0.5))


def test_both_sides_sign_the_content() -> None:
    text = signed_text(GOOD, "a.toml", name="Kim", role="marketing", day=DAY)
    half = parse_agreement(text, "a.toml")
    assert unsigned_by(half) == ("sales",)
    with pytest.raises(SignatureError, match=r"a.toml: signatures: not signed by sales; "):
        check_signatures(half)
    assert check_signatures(half, allow_unsigned=True) is False
    whole = parse_agreement(
        signed_text(text, "a.toml", name="Lee", role="sales", day=DAY), "a.toml"
    )
    assert check_signatures(whole) is True
    assert content_hash(whole) == content_hash(parsed())


def test_a_side_signs_once() -> None:
    text = signed_text(GOOD, "a.toml", name="Kim", role="marketing", day=DAY)
    with pytest.raises(AgreementError, match=r"signatures\[1\].role: marketing has signed already"):
        signed_text(text, "a.toml", name="Lee", role="marketing", day=DAY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight = 2", "weight = 3"),
        ('version = "3"', 'version = "4"'),
        ("within_days = 30", "within_days = 31"),
        ("least_attempts = 6", "least_attempts = 5"),
        ('["CN"]', '["FR"]'),
    ],
)
def test_a_signature_is_for_one_content_only(old: str, new: str) -> None:
    text = signed_text(GOOD, "a.toml", name="Kim", role="marketing", day=DAY).replace(old, new, 1)
    agreement = parse_agreement(text, "a.toml")
    with pytest.raises(SignatureError, match=r"hash: marketing signed another content; expected "):
        check_signatures(agreement, allow_unsigned=True)


def test_order_spelling_and_comments_are_no_content() -> None:
    first, second = GOOD.split("[[icp.criteria]]")[1:3]
    swapped = GOOD.replace(first, "<>").replace(second, first).replace("<>", second)
    assert swapped != GOOD
    again = swapped.replace('"Germany"', '"de"').replace("0.25 }", "0.250 } # a quarter")
    assert content_hash(parse_agreement(again, "b.toml")) == content_hash(parsed())


def test_defaults_are_content() -> None:
    written = changed(('version = "3"', 'version = "3"\nhysteresis_points = 3.0'))
    assert content_hash(parse_agreement(written, "b.toml")) == content_hash(parsed())


def test_how_often_a_promise_is_kept_is_agreed_and_told_in_words() -> None:
    found = parsed(("least_attempts = 6", "least_attempts = 6\nkept_share = 0.75"))
    assert (found.service["SQL"].kept_share, found.service["MQL"].kept_share) == (0.75, 0.9)
    told = described(make_rules(found, Lines(0.1, 0.25)))
    promises = next(part for part in told if part["title"] == "What is promised")
    assert promises["lines"][0].endswith("; kept for at least 75 % of the leads")


def test_signatures_from_before_a_key_existed_still_hold() -> None:
    usual, other = (
        parsed(("least_attempts = 6", f"least_attempts = 6\nkept_share = {share}"))
        for share in (0.9, 0.8)
    )
    assert content_hash(usual) == content_hash(parsed())
    assert content_hash(other) != content_hash(parsed())
