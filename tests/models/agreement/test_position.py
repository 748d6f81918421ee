"""Everything in a TOML text is found on its line."""

import tomllib
from typing import Any

from models.agreement.position import Path, lines_of
from tests.models.agreement.written import GOOD

HARD = (
    '''# [not.a.table]
title = "a # no comment = [x]" # a comment
"quoted key" = 1
a.b.c = """two
lines with ] and "quotes"""""
dates = [ # the first
  2026-01-01,

  "x]", # [[no.array]]
  { u = 1, v = [ 2,
    3 ] },
]
[ t . u ]
literal = '''.replace("literal = ", "literal = 'C:\\\\new'\n")
    + """
k = true
[[arrays]]
n = 1
[arrays.inner]
m = 1
[[arrays.deep]]
d = 1
[[arrays.deep]]
d = 2
[[arrays]]
n = 2
[[arrays.deep]]
d = 3"""
)


def paths(data: Any, above: Path = ()) -> set[Path]:
    found: set[Path] = set()
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in pairs:
        found.add((*above, key))
        if isinstance(value, dict | list):
            found |= paths(value, (*above, key))
    return found


def test_every_key_has_a_line() -> None:
    for text in (HARD, GOOD):
        missed = paths(tomllib.loads(text)) - set(lines_of(text))
        # a table that is only named in the header of another one
        assert missed <= {("t",), ("arrays",), ("arrays", 0, "deep"), ("arrays", 1, "deep")} | {
            (name,) for name in ("inquiry", "explicit_intent", "disqualifiers", "segments")
        } | {("icp", "criteria"), ("intent", "signals"), ("service",)}


def test_lines_equal_those_counted_by_hand() -> None:
    found = lines_of(HARD)
    by_hand = {
        ("title",): 2,
        ("quoted key",): 3,
        ("a", "b", "c"): 4,
        ("dates",): 6,
        ("dates", 0): 7,
        ("dates", 1): 9,
        ("dates", 2, "u"): 10,
        ("dates", 2, "v", 0): 10,
        ("dates", 2, "v", 1): 11,
        ("t", "u"): 13,
        ("t", "u", "literal"): 14,
        ("t", "u", "k"): 16,
        ("arrays", 0): 17,
        ("arrays", 0, "inner", "m"): 20,
        ("arrays", 0, "deep", 1, "d"): 24,
        ("arrays", 1, "n"): 26,
        ("arrays", 1, "deep", 0, "d"): 28,
    }
    assert {path: found.get(path) for path in by_hand} == by_hand


def test_windows_ends_of_lines_make_no_difference() -> None:
    assert lines_of(GOOD.replace("\n", "\r\n")) == lines_of(GOOD)


def test_a_text_that_says_nothing_has_no_lines() -> None:
    assert lines_of("") == lines_of("# only a comment") == {}
