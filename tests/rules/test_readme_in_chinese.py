"""The Chinese README says the same as the English one, as far as can be counted."""

import re
from collections.abc import Callable

import pytest

from tests.rules.source import PROJECT

ENGLISH = (PROJECT / "README.md").read_text(encoding="utf-8")
CHINESE = (PROJECT / "README.zh-CN.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def code(text: str) -> list[tuple[str, list[str]]]:
    """Return language and lines of each code block, without comments, which are translated."""
    return [
        (language, [re.sub(r" +# .*", "", line) for line in body.splitlines()])
        for language, body in BLOCK.findall(text)
    ]


def headings(text: str) -> list[str]:
    """Return the levels of the headings, in order."""
    return re.findall(r"^(#+) ", BLOCK.sub("", text), re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    """Return the names in code type that each row of a table begins with, in order."""
    return [
        re.findall(r"`(\w+)`", cell) for cell in re.findall(r"^\| ([^|]*) \|", text, re.MULTILINE)
    ]


def links(text: str) -> list[str]:
    """Return what is linked to, but for the other language."""
    found = re.findall(r"\]\(([^)]+)\)", text)
    return [link for link in found if not link.startswith("README.")]


@pytest.mark.parametrize("part", [code, headings, rows, links])
def test_both_languages_have_the_same(part: Callable[[str], list[object]]) -> None:
    assert part(ENGLISH)
    assert part(CHINESE) == part(ENGLISH)


def test_each_names_the_other() -> None:
    assert "(README.zh-CN.md)" in ENGLISH
    assert "(README.md)" in CHINESE


def test_it_is_in_chinese_throughout() -> None:
    prose = [line for line in BLOCK.sub("", CHINESE).splitlines() if len(line) > 60]
    assert [line for line in prose if not re.search("[一-鿿]{4}", line)] == []
