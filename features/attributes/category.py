"""Categories: industry, source, product."""

from dataclasses import dataclass
from typing import Any, ClassVar

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.vocabulary import Vocabulary, canonical


@dataclass(frozen=True, slots=True)
class CategoryEncoder(Encoder):
    """One of several values; spelling differs in case and spaces only by accident."""

    vocabulary: Vocabulary

    type: ClassVar[str] = "category"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """A code, and an indicator for each frequent value."""
        return self.vocabulary.columns

    @property
    def missing_row(self) -> Row:
        """All NaN."""
        return self.vocabulary.missing

    def read(self, value: object) -> str | None:
        """Return the canonical value, aliases resolved."""
        if is_empty(value, self.spec.empty):
            return None
        word = canonical(value)
        if word is None or len(word) > 500:
            raise Unreadable
        alias = self.spec.aliases.get(word)
        return word if alias is None else canonical(alias)

    def numbers(self, meaning: str) -> Row:
        """Return the code and the indicators."""
        return self.vocabulary.rows.get(meaning, self.vocabulary.other)

    def shown(self, meaning: str, language: str) -> Shown:
        """Return the value."""
        spelling = self.vocabulary.spelling(meaning)
        return Shown(spelling, "value", {"value": spelling})

    def state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return {"vocabulary": self.vocabulary.to_json()}
