"""What the contents of a column look like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.arrays import MomentArray
from features.moment import NEVER
from training.data.cells import cells_of
from training.data.draft_words import EMPTY, YES_NO
from training.data.moments import DateReader, likely_format
from training.data.numbers import read_numbers
from training.data.table import Table

MOST_LOOKED_AT = 2_000
NUMERIC_DATE = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*"


@dataclass(frozen=True, slots=True)
class Profile:
    """A column's name and what its cells look like.

    Parameters
    ----------
    words : tuple of str
        Distinct values that mean something, the most frequent first.
    rows : tuple of int
        Rows of each.
    empty_words : tuple of str
        Values that seem to mean "nothing".
    n_rows, n_filled : int
        Rows, and those with a value that means something.
    """

    name: str
    words: tuple[str, ...]
    rows: tuple[int, ...]
    empty_words: tuple[str, ...]
    n_rows: int
    n_filled: int
    is_number: bool
    is_grouped: bool
    is_date: bool
    date_format: str | None

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return len(self.words) == self.n_rows

    @property
    def is_boolean(self) -> bool:
        """Whether the only values are yes and no."""
        return 0 < len(self.words) <= 2 and {word.casefold() for word in self.words} <= YES_NO

    def share(self, pattern: str) -> float:
        """Return the share of the most frequent values that fit a pattern as a whole."""
        looked_at = self.words[:MOST_LOOKED_AT]
        fits = sum(re.fullmatch(pattern, word, re.IGNORECASE) is not None for word in looked_at)
        return fits / len(looked_at) if looked_at else 0.0


def profile_of(table: Table, name: str) -> Profile:
    """Return what a column's cells look like."""
    array = table.column(name, "draft")
    cells = cells_of(array)
    counts = np.bincount(cells.codes, minlength=len(cells.values))
    texts = cells.texts()
    order = np.argsort(-counts, kind="stable")
    ranked = [(texts[i], int(counts[i])) for i in order]
    filled = [(t, n) for t, n in ranked if t and not re.fullmatch(EMPTY, t, re.IGNORECASE)]
    empty_words = tuple(
        t for t, _ in ranked if t and t != "0" and re.fullmatch(EMPTY, t, re.IGNORECASE)
    )
    words = tuple(text for text, _ in filled)
    empty = tuple(word.casefold() for word in empty_words)
    is_date, form = _dates(cells.values, words, empty)
    numbers = [read_numbers(cells.values, empty, grouped=grouped) for grouped in (False, True)]
    return Profile(
        name=name,
        words=words,
        rows=tuple(n for _, n in filled),
        empty_words=empty_words,
        n_rows=table.n_rows,
        n_filled=sum(n for _, n in filled),
        is_number=bool(words) and not numbers[1].bad.any(),
        is_grouped=bool(words) and bool(numbers[0].bad.any()) and not numbers[1].bad.any(),
        is_date=is_date,
        date_format=form,
    )


def _dates(values: object, words: Sequence[str], empty: tuple[str, ...]) -> tuple[bool, str | None]:
    """Return whether all values are dates, and the format that has to be named."""
    if not words or all(re.fullmatch(r"[\d.]{1,7}|\d{9,}", word) for word in words[:100]):
        return False, None
    if not DateReader(empty=empty).read(values)[1].any():
        return True, None
    if not re.fullmatch(NUMERIC_DATE, words[0]):
        return False, None
    day = likely_format(words)
    for form in (day, f"{day} %H:%M", f"{day} %H:%M:%S"):
        if not DateReader((form,), empty=empty).read(values)[1].any():
            return True, form
    return False, None


def moments_of(table: Table, profile: Profile) -> MomentArray:
    """Return a column of dates as moments."""
    formats = (profile.date_format,) if profile.date_format else ()
    empty = tuple(word.casefold() for word in profile.empty_words)
    moments, bad = DateReader(formats, empty=empty).read(table.column(profile.name, "draft"))
    return np.where(bad, NEVER, moments)


def is_text(profile: Profile) -> bool:
    """Return whether a column holds sentences rather than words to choose from."""
    longest = max((len(word) for word in profile.words[:MOST_LOOKED_AT]), default=0)
    return longest > 60 and len(profile.words) > 0.5 * max(profile.n_filled, 1)


def has_tags(profile: Profile) -> bool:
    """Return whether cells hold several words that come again in other cells."""
    looked_at = profile.words[:MOST_LOOKED_AT]
    parts = [re.split(r"\s*[;|、；]\s*", word) for word in looked_at]
    several = sum(len(part) > 1 for part in parts)
    distinct = len({word for part in parts for word in part})
    return several > 0.2 * max(len(looked_at), 1) and distinct < len(looked_at)
