"""Countries, in English, Chinese or as ISO codes."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.vocabulary import Vocabulary
from features.attributes.words import word_list


@dataclass(frozen=True, slots=True)
class CountryEncoder(Encoder):
    """A country; names that the list does not know are kept as they are."""

    vocabulary: Vocabulary

    type: ClassVar[str] = "country"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """A code, and an indicator for each frequent country."""
        return self.vocabulary.columns

    @property
    def missing_row(self) -> Row:
        """All NaN."""
        return self.vocabulary.missing

    def read(self, value: object) -> str | None:
        """Return the ISO code, or the name in small letters where it is not known."""
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str) or len(value) > 200:
            raise Unreadable
        name = " ".join(self.spec.meant_by(value).split()).casefold()
        return country_names().get(name, name)

    def numbers(self, meaning: str) -> Row:
        """Return the code and the indicators."""
        return self.vocabulary.rows.get(meaning, self.vocabulary.other)

    def shown(self, meaning: str, language: str) -> Shown:
        """Return the country's name."""
        name = country_name(meaning, language)
        return Shown(name, "value", {"value": name})

    def state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return {"vocabulary": self.vocabulary.to_json()}


@cache
def country_names() -> dict[str, str]:
    """Return the ISO code by every known name in small letters, the code itself included."""
    names = {}
    for code, country in word_list("countries").items():
        for name in (code, country["en"], country["zh"], *country.get("also", ())):
            names[name.casefold()] = code
    return names


def country_name(code: str, language: str) -> str:
    """Return a country's name in a language; unknown codes as they are.

    Examples
    --------
    >>> country_name("DE", "zh"), country_name("atlantis", "en")
    ('德国', 'atlantis')
    """
    country = word_list("countries").get(code)
    return code if country is None else country.get(language, country["en"])


@cache
def dialling_codes() -> dict[str, str]:
    """Return the ISO code by dialling prefix; "1" and "7" stand for their largest country."""
    codes: dict[str, str] = {}
    for code, country in word_list("countries").items():
        codes.setdefault(country["dial"], code)
    return codes | {"1": "US"}
