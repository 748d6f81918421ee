"""Job titles: how senior, which department, in English and Chinese."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from math import nan
from typing import Any, ClassVar, NamedTuple

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.store import from_store
from features.attributes.words import word_list

UNKNOWN_RANK = -1


class Title(NamedTuple):
    """What a title says."""

    rank: int
    department: str


@dataclass(frozen=True, slots=True)
class JobTitleEncoder(Encoder):
    """Seniority from 0 (student) to 6 (top management), and the department."""

    type: ClassVar[str] = "job_title"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Whether the words are known, the rank, a flag per department."""
        departments = tuple((f"in {name}", "flag") for name in department_names())
        return (("known", "flag"), ("seniority", "rank"), *departments)

    def read(self, value: object) -> Title | None:
        """Return what a title says; a stored form is read as well."""
        if isinstance(value, dict):
            title = from_store(Title, value)
            if title.rank not in ranks() or title.department not in ("", *department_names()):
                raise Unreadable
            return title
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str) or len(value) > 500:
            raise Unreadable
        return title_in(self.spec.meant_by(value))

    def numbers(self, meaning: Title) -> Row:
        """Return whether the words are known, the rank and the department's flags."""
        known = meaning.rank != UNKNOWN_RANK or bool(meaning.department)
        rank = nan if meaning.rank == UNKNOWN_RANK else float(meaning.rank)
        return (float(known), rank, *_flags(meaning.department))

    def stored(self, meaning: Title) -> dict[str, Any]:
        """Return rank and department, not the words."""
        return meaning._asdict()

    def shown(self, meaning: Title, language: str) -> Shown:
        """Return seniority and department in words."""
        parts = [seniority_name(meaning.rank, language)] if meaning.rank != UNKNOWN_RANK else []
        if meaning.department:
            parts.append(department_label(meaning.department, language))
        if not parts:
            return Shown(None, "job_title_unclear", {})
        words = ("，" if language == "zh" else ", ").join(parts)
        return Shown(words, "value", {"value": words})


@lru_cache(maxsize=10_000)  # the same titles come again and again
def title_in(text: str) -> Title:
    """Return what a title says.

    Examples
    --------
    >>> title_in("Head of Purchasing"), title_in("采购总监")
    (Title(rank=4, department='purchasing'), Title(rank=4, department='purchasing'))
    """
    title = " ".join(text.split()).casefold()
    lists = word_list("job_titles")
    rank = UNKNOWN_RANK
    for seniority in lists["seniority"]:
        if _pattern(tuple(seniority["words"])).search(title):
            rank = int(seniority["rank"])
            break
    for department in lists["department"]:
        if _pattern(tuple(department["words"])).search(title):
            return Title(rank, department["name"])
    return Title(rank, "")


@cache
def ranks() -> frozenset[int]:
    """Return all ranks, that of titles without known words included."""
    return frozenset({UNKNOWN_RANK, *(s["rank"] for s in word_list("job_titles")["seniority"])})


@cache
def department_names() -> tuple[str, ...]:
    """Return the names of the departments, in the list's order."""
    return tuple(department["name"] for department in word_list("job_titles")["department"])


@cache
def _flags(department: str) -> Row:
    return tuple(1.0 if department == name else 0.0 for name in department_names())


def department_label(name: str, language: str) -> str:
    """Return a department's words.

    Examples
    --------
    >>> department_label("it", "zh")
    '信息技术'
    """
    for department in word_list("job_titles")["department"]:
        if department["name"] == name:
            return department["label"][language]
    return name


def seniority_name(rank: int, language: str) -> str:
    """Return a rank's words.

    Examples
    --------
    >>> seniority_name(4, "en")
    'director'
    """
    names: dict[int, Any] = {s["rank"]: s["name"] for s in word_list("job_titles")["seniority"]}
    return names[rank][language]


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    whole = "|".join(re.escape(word) for word in words if word[0] < "\u2e80")
    parts = "|".join(re.escape(word) for word in words if word[0] >= "\u2e80")
    letter = r"[^\W\u2e80-\U0010ffff]"  # Chinese characters end an English word
    return re.compile("|".join(p for p in (rf"(?<!{letter})(?:{whole})(?!{letter})", parts) if p))
