"""What every attribute encoder does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, ClassVar, NamedTuple

from features.arrays import Row
from features.attributes.spec import AttributeSpec
from features.attributes.vocabulary import canonical

LONGEST_EMPTY = 200
"""A longer text is no word that means empty."""


class Unreadable(ValueError):  # noqa: N818 - a signal inside this package, caught by the space
    """A value that is there and cannot be read; it counts as missing and is named."""


class Shown(NamedTuple):
    """A value as a person may see it: no address, number or text of a person."""

    value: float | str | bool | None
    key: str
    words: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Encoder(ABC):
    """Turns one attribute's raw values into numbers, each distinct value once.

    Subclasses are frozen dataclasses whose fields are their fitted state. The first number
    of a row is NaN exactly when the value is missing or unreadable.
    """

    spec: AttributeSpec

    type: ClassVar[str]

    @property
    @abstractmethod
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Name (without the attribute's) and unit of each number of a row."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """Return what a raw value means, None where it is empty.

        Raises
        ------
        Unreadable
            When the value is there and cannot be read.
        """

    @abstractmethod
    def numbers(self, meaning: Any) -> Row:
        """Return the row of a meaning that `read` returned (never None)."""

    @abstractmethod
    def shown(self, meaning: Any, language: str) -> Shown:
        """Return the value that a sentence may show, and the sentence's key."""

    def stored(self, meaning: Any) -> Any:
        """Return the JSON value to keep, from which `read` gets the same meaning."""
        return meaning

    def kept(self, value: object) -> Any:
        """Return the form of a raw value to keep, None where it is missing or cannot be read."""
        try:
            meaning = self.read(value)
        except Unreadable:
            return None
        return None if meaning is None else self.stored(meaning)

    def state(self) -> dict[str, Any]:
        """Return the fitted state besides the specification."""
        return {}

    @property
    def missing_row(self) -> Row:
        """The row of a lead without the attribute."""
        return (nan,) * len(self.columns)

    def row(self, value: object) -> Row:
        """Return the numbers of one raw value.

        Raises
        ------
        Unreadable
            When the value is there and cannot be read.
        """
        meaning = self.read(value)
        return self.missing_row if meaning is None else self.numbers(meaning)


def is_empty(value: object, empty: Sequence[str]) -> bool:
    """Return whether a raw value means that nothing is known.

    Examples
    --------
    >>> is_empty(" Select ", ("select",)), is_empty(float("nan"), ()), is_empty(0, ())
    (True, True, False)
    >>> is_empty(999.0, ("999",)), is_empty("999.0", ("999",))
    (True, True)
    """
    if value is None:
        return True
    if isinstance(value, str):
        if not empty or len(value) > LONGEST_EMPTY:
            return not value or value.isspace()
        word = " ".join(value.split()).casefold()
        return not word or word in empty or (word[-1] == "0" and canonical(word) in empty)
    if isinstance(value, (int, float)):
        return value != value or (bool(empty) and canonical(value) in empty)
    return isinstance(value, (list, tuple)) and not value
