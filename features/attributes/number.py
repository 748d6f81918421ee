"""Numbers: employees, revenue, visits."""

import re
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

import numpy as np

from features.arrays import FloatArray
from features.attributes.encoder import Encoder, Row, Shown, Unreadable, is_empty
from features.attributes.vocabulary import canonical

GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")


@dataclass(frozen=True, slots=True)
class NumberEncoder(Encoder):
    """A finite number, from JSON or from text as people write it."""

    type: ClassVar[str] = "number"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The number itself."""
        return (("", "value"),)

    def read(self, value: object) -> float | None:
        """Return the number; text may group thousands and end in a percent sign."""
        kind = type(value)
        if kind is float or kind is int or kind is bool:
            try:
                number = float(value)  # type: ignore[arg-type]
            except OverflowError:
                raise Unreadable from None
            if isfinite(number):
                return None if self.spec.empty and canonical(value) in self.spec.empty else number
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str):
            raise Unreadable
        return number_in(self.spec.aliases.get(value.strip().casefold(), value))

    def numbers_of(self, values: FloatArray) -> FloatArray:
        """Return the numbers of a column of ready ones: those that mean empty become NaN."""
        known = np.isfinite(values)
        for word in self.spec.empty:
            try:
                known &= values != number_in(word)
            except Unreadable:
                continue
        return np.where(known, values, np.nan)

    def numbers(self, meaning: float) -> Row:
        """Return the number."""
        return (meaning,)

    def shown(self, meaning: float, language: str) -> Shown:
        """Return the number with as few digits as it needs."""
        return Shown(meaning, "value", {"value": format_number(meaning)})


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
