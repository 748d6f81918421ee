"""From the conditions that people write to the ones that are evaluated."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, get_args

from features.attributes.country import country_names
from features.attributes.email import DOMAIN
from features.attributes.job_title import department_names
from features.attributes.vocabulary import canonical
from features.attributes.words import word_list
from models.agreement.condition import CHANNEL, MAIL_KINDS, SOURCE, Condition, Test, Wanted
from models.agreement.file import ConditionTable
from models.agreement.position import Path

TESTS: tuple[Test, ...] = get_args(Test)


class Wrong(Exception):  # noqa: N818 - a signal inside this package, told with its line by `read`
    """Something in the file that its shape does not forbid.

    Parameters
    ----------
    path : tuple
        Where.
    message : str
        What is wrong, and what was expected.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


def condition_of(table: ConditionTable, path: Path) -> Condition:
    """Return the condition that a table sets.

    Raises
    ------
    Wrong
        When it sets none or several, or asks for a value that nobody can have.
    """
    named = {
        CHANNEL: table.channel_one_of,
        SOURCE: table.source_one_of,
    }
    given = [about for about, values in named.items() if values is not None]
    tests = [test for test in TESTS if _raw(table, test) is not None]
    if len(given) + (table.attribute is not None) != 1:
        raise Wrong(path, "expected one of attribute, channel_one_of, source_one_of")
    if given:
        if tests or table.country is not None:
            raise Wrong((*path, *tests[:1]), f"{given[0]}_one_of takes no other condition")
        wanted = _words(named[given[0]] or (), (*path, f"{given[0]}_one_of"))
        return Condition(given[0], "one_of", wanted)
    about = table.attribute or ""
    if about in (CHANNEL, SOURCE):
        raise Wrong((*path, "attribute"), f"{about} is no attribute; expected {about}_one_of")
    if len(tests) != 1:
        found = "none" if not tests else " and ".join(tests)
        raise Wrong((*path, *tests[1:2]), f"expected one condition on {about}, found {found}")
    test = tests[0]
    if table.country is not None and test != "mail":
        raise Wrong((*path, "country"), "belongs to the condition mail only")
    wanted = _READ[test](_raw(table, test), (*path, test))
    return Condition(about, test, wanted, table.country)


def _raw(table: ConditionTable, test: Test) -> Any:
    return getattr(table, "is_" if test == "is" else test)


def _ends(raw: Sequence[float], path: Path) -> Wanted:
    low, high = raw
    if low > high:
        raise Wrong(path, f"runs from {low:g} to {high:g}; expected the smaller number first")
    return (float(low), float(high))


def _bound(raw: float, path: Path) -> Wanted:
    return (float(raw),)


def _words(raw: Sequence[object], path: Path) -> Wanted:
    words = [canonical(value) or "" for value in raw]
    if "" in words:
        raise Wrong((*path, words.index("")), "is empty; expected a value")
    return _distinct(words, path)


def _countries(raw: Sequence[str], path: Path) -> Wanted:
    return _distinct(_looked_up(raw, path, country_names(), "country"), path)


def _mail_kinds(raw: Sequence[str], path: Path) -> Wanted:
    return _distinct(
        _looked_up(raw, path, {kind: kind for kind in MAIL_KINDS}, "kind of mail"), path
    )


def _domains(raw: Sequence[str], path: Path) -> Wanted:
    domains = [text.strip().casefold().removeprefix("@").rstrip(".") for text in raw]
    for i, domain in enumerate(domains):
        if DOMAIN.fullmatch(domain) is None:
            raise Wrong((*path, i), "is no domain; expected one such as rival.example")
    return _distinct(domains, path)


def _seniorities(raw: Sequence[str], path: Path) -> Wanted:
    return _distinct(_looked_up(raw, path, seniority_ranks(), "seniority"), path)


def _departments(raw: Sequence[str], path: Path) -> Wanted:
    names = {name: name for name in department_names()}
    for department in word_list("job_titles")["department"]:
        names |= {label.casefold(): department["name"] for label in department["label"].values()}
    return _distinct(_looked_up(raw, path, names, "department"), path)


def _yes_or_no(raw: bool, path: Path) -> Wanted:
    return (1.0 if raw else 0.0,)


@cache
def seniority_ranks() -> Mapping[str, str]:
    """Return the rank, as text, by every name of it in small letters.

    Examples
    --------
    >>> seniority_ranks()["student"], seniority_ranks()["总监级"]
    ('0', '4')
    """
    ranks: dict[str, str] = {}
    for seniority in word_list("job_titles")["seniority"]:
        for name in seniority["name"].values():
            names = (name.casefold(), *name.casefold().split(" or "))
            ranks |= {text: str(seniority["rank"]) for text in names}
    return ranks


def _looked_up(
    raw: Sequence[str], path: Path, known: Mapping[str, str], noun: str
) -> Sequence[str]:
    found = []
    for i, text in enumerate(raw):
        meant = known.get(" ".join(text.split()).casefold())
        if meant is None:
            listed = ", ".join(known) if len(known) < 40 else "an English, Chinese or ISO name"
            raise Wrong((*path, i), f"{text!r} is not known as a {noun}; expected {listed}")
        found.append(meant)
    return found


def _distinct(words: Sequence[str], path: Path) -> Wanted:
    for i, word in enumerate(words):
        if word in words[:i]:
            raise Wrong((*path, i), f"{word!r} is named twice")
    return tuple(sorted(words))


_READ: Mapping[Test, Callable[[Any, Path], Wanted]] = {
    "between": _ends,
    "at_least": _bound,
    "at_most": _bound,
    "one_of": _words,
    "country_one_of": _countries,
    "mail": _mail_kinds,
    "domain_one_of": _domains,
    "seniority_one_of": _seniorities,
    "department_one_of": _departments,
    "is": _yes_or_no,
    "contains": _words,
}
