"""What was made of texts that come again is made once."""

from collections.abc import Callable
from typing import Generic, TypeVar

REPEATING = frozenset({"boolean", "category", "country", "date", "job_title", "tags"})
"""Types of which the same text comes with many leads; none that points to one person."""
MOST_TEXTS = 5_000
LONGEST_TEXT = 60
Made = TypeVar("Made")


def remembered(attribute_type: str, make: Callable[[object], Made]) -> Callable[[object], Made]:
    """Return a function that gives the same, at once for texts that it had before.

    Parameters
    ----------
    attribute_type : str
        Of the values; those of a type whose texts hardly come again are never kept.
    make : callable
        Makes something of a raw value, always the same of the same text.

    Examples
    --------
    >>> remembered("country", len)("Germany")
    7
    """
    return Remembered(make) if attribute_type in REPEATING else make


class Remembered(Generic[Made]):
    """What was made of some texts.

    Parameters
    ----------
    make : callable
        Makes what is new; what it raises is not kept.
    """

    __slots__ = ("_known", "_make")

    def __init__(self, make: Callable[[object], Made]) -> None:
        self._make = make
        self._known: dict[str, Made] = {}

    def __call__(self, value: object) -> Made:
        """Return what is made of a raw value."""
        if type(value) is not str:
            return self._make(value)
        made = self._known.get(value)
        if made is None:
            made = self._make(value)
            if len(self._known) < MOST_TEXTS and len(value) <= LONGEST_TEXT:
                self._known[value] = made
        return made
