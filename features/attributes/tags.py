"""Several words at once: interests, topics, products."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.vocabulary import Vocabulary, canonical

SEPARATORS = re.compile(r"[;,|、；，]")
MOST_TAGS = 200


@dataclass(frozen=True, slots=True)
class TagsEncoder(Encoder):
    """How many tags, and which of the frequent ones."""

    vocabulary: Vocabulary

    type: ClassVar[str] = "tags"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The number of tags, and a flag per frequent tag."""
        return (("count", "tags"), *((f"has {word}", "flag") for word in self._frequent))

    @property
    def _frequent(self) -> tuple[str, ...]:
        return self.vocabulary.words[: self.vocabulary.n_indicators]

    def read(self, value: object) -> tuple[str, ...] | None:
        """Return the distinct tags in alphabetical order."""
        if isinstance(value, dict):
            raise Unreadable
        if is_empty(value, self.spec.empty):
            return None
        if isinstance(value, str):
            parts: list[object] = list(SEPARATORS.split(value))
        elif isinstance(value, (list, tuple)):
            parts = list(value)
        else:
            parts = [value]
        if len(parts) > MOST_TAGS:
            raise Unreadable
        return self._distinct(parts)

    def _distinct(self, parts: list[object]) -> tuple[str, ...] | None:
        words = set()
        for part in parts:
            if is_empty(part, self.spec.empty):
                continue
            word = canonical(part)
            if word is None:
                raise Unreadable
            words.add(canonical(self.spec.aliases.get(word, word)) or word)
        return tuple(sorted(words)) or None

    def numbers(self, meaning: tuple[str, ...]) -> Row:
        """Return the count and the flags."""
        return (float(len(meaning)), *(1.0 if w in meaning else 0.0 for w in self._frequent))

    def stored(self, meaning: tuple[str, ...]) -> list[str]:
        """Return the tags."""
        return list(meaning)

    def shown(self, meaning: tuple[str, ...], language: str) -> Shown:
        """Return the known tags."""
        spelt = [self.vocabulary.spelling(word) for word in meaning][:5]
        words = ("、" if language == "zh" else ", ").join(spelt)
        return Shown(words, "value", {"value": words})

    def state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return {"vocabulary": self.vocabulary.to_json()}
