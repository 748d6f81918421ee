"""What is written as a file means what it meant before."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.agreement.read import parse_agreement
from models.agreement.signing import content_hash
from models.agreement.write import agreement_toml
from tests.rules.source import PROJECT

SEGMENTED = """
[[segments]]
name = "china"
when = [{ attribute = "country", country_one_of = ["CN"] }]
lines = { mql = { lift = 2 }, sql = { capacity_per_week = 2 } }
inquiry = [{ activity = "chat", within_days = 3 }]
"""
FILES = sorted([PROJECT / "agreement.toml", *PROJECT.glob("training/mappings/*.agreement.toml")])
KEYS = some.text("ab_ -.\"'1", min_size=1, max_size=4)
SCALARS = some.one_of(
    some.booleans(),
    some.integers(-(2**40), 2**40),
    some.floats(allow_nan=False, allow_infinity=False, width=32),
    some.text(max_size=8),
    some.dates(),
)
TABLES = some.dictionaries(
    KEYS,
    some.recursive(
        SCALARS,
        lambda inside: some.one_of(
            some.lists(inside, max_size=3), some.dictionaries(KEYS, inside, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_agreement_written_anew_has_the_same_content(path: Path) -> None:
    text = path.read_text(encoding="utf-8") + SEGMENTED
    again = agreement_toml(tomllib.loads(text))
    assert content_hash(parse_agreement(again, "b")) == content_hash(parse_agreement(text, "a"))
    assert agreement_toml(tomllib.loads(again)) == again


@given(TABLES)
def test_any_tables_come_back(tables: dict[str, object]) -> None:
    assert tomllib.loads(agreement_toml(tables)) == tables


def test_what_is_none_is_not_there() -> None:
    assert tomllib.loads(agreement_toml({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}
