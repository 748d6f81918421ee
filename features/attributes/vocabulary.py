"""Which values of a category are known, and the numbers that each becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Any

from features.arrays import Row

MOST_INDICATORS = 12
LEAST_ROWS = 10
LEAST_SHARE = 0.001
LEAST_INDICATOR_SHARE = 0.01
WHOLE_ENDS = (".0", ".00")
MOST_EXACT = 2.0**63
MOST_BITS = 256
"""A whole number longer than that names nothing, and Python may refuse to write it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The known values, most frequent first.

    Rare and unseen values share one code, which is the number of known values. The most
    frequent ones have an indicator each besides, since a code orders values that have no
    order.

    Parameters
    ----------
    words : tuple of str
        Known values in canonical form, by falling frequency, ties by name.
    n_indicators : int
        How many of the first values have an indicator.
    spellings : tuple of str
        How people mostly write each known value.
    """

    words: tuple[str, ...]
    n_indicators: int
    spellings: tuple[str, ...]
    rows: Mapping[str, Row] = field(init=False, repr=False, compare=False)
    other: Row = field(init=False, repr=False, compare=False)
    missing: Row = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        n = self.n_indicators
        rows = {
            word: (float(code), *(1.0 if code == i else 0.0 for i in range(n)))
            for code, word in enumerate(self.words)
        }
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "other", (float(len(self.words)), *((0.0,) * n)))
        object.__setattr__(self, "missing", (nan,) * (n + 1))

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The code and the indicators."""
        known = tuple((f"is {word}", "flag") for word in self.words[: self.n_indicators])
        return (("code", "code"), *known)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "words": list(self.words),
            "n_indicators": self.n_indicators,
            "spellings": list(self.spellings),
        }

    def spelling(self, word: str) -> str:
        """Return a canonical value as people mostly write it.

        Examples
        --------
        >>> Vocabulary(("google",), 0, ("Google",)).spelling("google")
        'Google'
        """
        return self.spellings[int(self.rows[word][0])] if word in self.rows else word

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Vocabulary":
        """Return the vocabulary that `to_json` wrote."""
        return Vocabulary(tuple(data["words"]), int(data["n_indicators"]), tuple(data["spellings"]))


def learn_vocabulary(counts: Mapping[str, Mapping[str, int]], *, n_rows: int) -> Vocabulary:
    """Return the vocabulary of a column.

    Parameters
    ----------
    counts : mapping of str to mapping of str to int
        Rows by canonical value and spelling, missing ones left out.
    n_rows : int
        All rows, missing ones included.

    Examples
    --------
    >>> learn_vocabulary({"a": {"A": 60}, "b": {"b": 39}, "c": {"c": 1}}, n_rows=100).words
    ('a', 'b')
    """
    rows = {word: sum(spellings.values()) for word, spellings in counts.items()}
    least = max(LEAST_ROWS, LEAST_SHARE * n_rows)
    known = sorted((w for w, n in rows.items() if n >= least), key=lambda w: (-rows[w], w))
    frequent = sum(rows[word] >= LEAST_INDICATOR_SHARE * n_rows for word in known)
    spellings = tuple(_usual_spelling(counts[word]) for word in known)
    return Vocabulary(tuple(known), min(frequent, MOST_INDICATORS), spellings)


def _usual_spelling(rows: Mapping[str, int]) -> str:
    return max(rows, key=lambda text: (rows[text], text))


def canonical(value: object) -> str | None:
    """Return a category's one form: no case, single spaces, whole numbers without ".0".

    None where the value is neither text nor a number nor yes/no.

    Examples
    --------
    >>> canonical(" Google  Ads"), canonical(3.0), canonical("3.0"), canonical(True)
    ('google ads', '3', '3', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            return None
        whole = isinstance(value, float) and abs(value) < MOST_EXACT and value.is_integer()
        return repr(int(value) if whole else value)
    if not isinstance(value, str):
        return None
    return _without_zeros(" ".join(value.split()).casefold())


def _without_zeros(text: str) -> str:
    if text.endswith(WHOLE_ENDS):
        whole = text.split(".", 1)[0]
        if whole.lstrip("+-").isdecimal():
            return whole
    return text
