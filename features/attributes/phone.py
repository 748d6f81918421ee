"""Phone numbers: the country and whether it can be a number, never the number."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from features.arrays import Row
from features.attributes.country import country_name, dialling_codes
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.store import from_store
from features.attributes.vocabulary import Vocabulary, canonical
from features.attributes.words import word_list

EXTENSION = re.compile(r"\s*(?:ext\.?|x|转|分机|#)\s*\d{1,6}$", re.IGNORECASE)
PUNCTUATION = str.maketrans("", "", "().-/")
LARGEST = 10**15
MOST_CHARACTERS = 200


class Phone(NamedTuple):
    """What is kept of a number."""

    country: str
    valid: bool
    international: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class PhoneEncoder(Encoder):
    """Whether a number can be one, and its country where it begins with the prefix."""

    vocabulary: Vocabulary

    type: ClassVar[str] = "phone"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Flags, then the country as a category."""
        flags = (("valid", "flag"), ("international", "flag"), ("repeated", "flag"))
        return (*flags, *((f"country {name}", unit) for name, unit in self.vocabulary.columns))

    def read(self, value: object) -> Phone | None:
        """Return what is kept of a number; a stored form is read as well."""
        if isinstance(value, dict):
            phone = from_store(Phone, value)
            if phone.country and phone.country not in word_list("countries"):
                raise Unreadable
            return phone
        if is_empty(value, self.spec.empty):
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return phone_in(canonical(value) or "") if 0 < value < LARGEST else INVALID
        if not isinstance(value, str):
            raise Unreadable
        return phone_in(value) if len(value) < MOST_CHARACTERS else INVALID

    def numbers(self, meaning: Phone) -> Row:
        """Return the flags and the country."""
        country = self.vocabulary.rows.get(meaning.country, self.vocabulary.other)
        flags = (float(meaning.valid), float(meaning.international), float(meaning.repeated))
        return (*flags, *country)

    def stored(self, meaning: Phone) -> dict[str, Any]:
        """Return the country and the flags."""
        return meaning._asdict()

    def shown(self, meaning: Phone, language: str) -> Shown:
        """Return the country, or that it cannot be a number."""
        if not meaning.valid:
            return Shown("invalid", "phone_invalid", {})
        if not meaning.country:
            return Shown("valid", "phone_valid", {})
        name = country_name(meaning.country, language)
        return Shown(name, "phone_country", {"value": name})

    def state(self) -> dict[str, Any]:
        """Return the countries' vocabulary."""
        return {"vocabulary": self.vocabulary.to_json()}


INVALID = Phone("", False, False, False)


def phone_in(text: str) -> Phone:
    """Return what is kept of a number.

    Examples
    --------
    >>> phone_in("+49 30 5550 1234")
    Phone(country='DE', valid=True, international=True, repeated=False)
    >>> phone_in("1111111").repeated
    True
    """
    digits = _without_punctuation(text)
    if not digits.removeprefix("+").isdecimal():
        digits = _without_punctuation(EXTENSION.sub("", text.strip()))
    international = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+").removeprefix("00") if international else digits
    if not digits.isdecimal() or not digits.isascii() or not 6 <= len(digits) <= 15:
        return INVALID
    country = _country_of(digits) if international else ""
    if not international and len(digits) == 11 and "13" <= digits[:2] <= "19":
        country = "CN"
    return Phone(country, True, international, digits[-6:] == digits[-1] * 6)


def _without_punctuation(text: str) -> str:
    return "".join(text.split()).translate(PUNCTUATION)


def _country_of(digits: str) -> str:
    codes = dialling_codes()
    for length in (3, 2, 1):
        if digits[:length] in codes:
            return codes[digits[:length]]
    return ""
