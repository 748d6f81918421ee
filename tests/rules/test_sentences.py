"""What people read is there in every language."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.rules.source import PACKAGES, PROJECT

PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")
CATALOGUES = sorted(
    path
    for package in PACKAGES
    for path in (PROJECT / package).rglob("en.toml")
    if "artifacts" not in path.parts
)


def sentences(table: dict[str, Any], above: str = "") -> dict[str, str]:
    """Return the sentences of a catalogue by their full key."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= sentences(value, f"{above}{key}.")
        else:
            flat[above + key] = str(value)
    return flat


def read(path: Path) -> dict[str, str]:
    return sentences(tomllib.loads(path.read_text(encoding="utf-8")))


def test_there_is_a_catalogue() -> None:
    assert CATALOGUES


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_both_languages_have_the_same_sentences(path: Path) -> None:
    assert read(path).keys() == read(path.with_name("zh.toml")).keys()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_both_languages_say_the_same_values(path: Path) -> None:
    english, chinese = read(path), read(path.with_name("zh.toml"))
    # {s} is the English plural
    values = {
        key: (set(PLACEHOLDER.findall(text)) - {"s"}, set(PLACEHOLDER.findall(chinese[key])))
        for key, text in english.items()
    }
    assert {key: pair for key, pair in values.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_no_sentence_is_empty(path: Path) -> None:
    both = [*read(path).values(), *read(path.with_name("zh.toml")).values()]
    assert all(text.strip() for text in both)
