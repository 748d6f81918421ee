"""Numbers: employees, revenue, visits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import ClassVar

import numpy as np

from features.arrays import FloatArray, Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty

GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")


@dataclass(frozen=True, slots=True)
class NumberEncoder(Encoder):
    """A finite number, from JSON or from text as people write it."""

    meant: Mapping[float, float] = field(init=False, repr=False, compare=False)

    type: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        pairs = [*self.spec.aliases.items(), *((word, "nan") for word in self.spec.empty)]
        numbers = [(_number_or_nan(word), _number_or_nan(meant)) for word, meant in pairs]
        known = {number: meant for number, meant in numbers if number == number}
        known = {number: known.get(meant, meant) for number, meant in known.items()}
        object.__setattr__(self, "meant", known)

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The number itself."""
        return (("", "value"),)

    def read(self, value: object) -> float | None:
        """Return the number; text may group thousands and end in a percent sign."""
        if isinstance(value, (int, float)):
            try:
                number = float(value)
            except OverflowError:
                raise Unreadable from None
            if number != number:
                return None
            if not isfinite(number):
                raise Unreadable
        elif is_empty(value, self.spec.empty):
            return None
        elif isinstance(value, str):
            number = number_in(self.spec.meant_by(value))
        else:
            raise Unreadable
        number = self.meant.get(number, number)
        return None if number != number else number

    def numbers_of(self, values: FloatArray) -> FloatArray:
        """Return the numbers of a column of ready ones, as `read` returns them one by one."""
        numbers = np.where(np.isfinite(values), values, np.nan)
        for number, meant in self.meant.items():
            numbers[values == number] = meant
        return numbers

    def numbers(self, meaning: float) -> Row:
        """Return the number."""
        return (meaning,)

    def shown(self, meaning: float, language: str) -> Shown:
        """Return the number with as few digits as it needs."""
        return Shown(meaning, "value", {"value": format_number(meaning)})


def _number_or_nan(text: str) -> float:
    try:
        return number_in(text)
    except Unreadable:
        return nan


def number_in(text: str) -> float:
    """Return the number that a text holds.

    Raises
    ------
    Unreadable
        When it is no finite number.

    Examples
    --------
    >>> number_in("250"), number_in("1,234.50"), number_in("1.234,5"), number_in("12 %")
    (250.0, 1234.5, 1234.5, 12.0)
    """
    text = text.strip()
    try:
        if "_" in text:
            raise Unreadable
        number = float(text)
    except ValueError:
        plain = text.removesuffix("%").rstrip().replace("\u00a0", " ")
        if GROUPED.fullmatch(plain):
            plain = plain.replace(",", "")
        elif DECIMAL_COMMA.fullmatch(plain):
            plain = plain.replace(".", "").replace(",", ".")
        elif plain == text:
            raise Unreadable from None
        try:
            number = float(plain)
        except ValueError:
            raise Unreadable from None
    if not isfinite(number):
        raise Unreadable
    return number


def format_number(number: float) -> str:
    """Return a number for people: thousands grouped, at most two decimals.

    Examples
    --------
    >>> format_number(1250.0), format_number(0.125), format_number(3.5)
    ('1,250', '0.12', '3.5')
    """
    if number == int(number):
        return f"{int(number):,}"
    return f"{number:,.2f}".rstrip("0").rstrip(".") if abs(number) >= 0.01 else f"{number:.3g}"
