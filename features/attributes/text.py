"""Free text: how much was written and of what kind, never what."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.store import from_store
from features.attributes.vocabulary import canonical

LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")


class TextShape(NamedTuple):
    """What is kept of a text."""

    length: int
    words: int
    digits_share: float
    chinese_share: float
    links: int
    question: bool


@dataclass(frozen=True, slots=True)
class TextEncoder(Encoder):
    """Length, words, digits, links, questions."""

    type: ClassVar[str] = "text"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """The shape of the text."""
        return (
            ("length", "characters"),
            ("words", "words"),
            ("digits", "share"),
            ("chinese", "share"),
            ("links", "links"),
            ("question", "flag"),
        )

    def read(self, value: object) -> TextShape | None:
        """Return the shape; a stored form is read as well."""
        if isinstance(value, dict):
            return from_store(TextShape, value)
        if is_empty(value, self.spec.empty):
            return None
        if not isinstance(value, str):
            value = canonical(value)
            if value is None:
                raise Unreadable
        return shape_of(value)

    def numbers(self, meaning: TextShape) -> Row:
        """Return the shape as numbers."""
        return tuple(map(float, meaning))

    def stored(self, meaning: TextShape) -> dict[str, Any]:
        """Return the shape."""
        return meaning._asdict()

    def shown(self, meaning: TextShape, language: str) -> Shown:
        """Return the length."""
        return Shown(float(meaning.length), "text_length", {"n": meaning.length})


def shape_of(text: str) -> TextShape:
    """Return the shape of a text.

    Examples
    --------
    >>> shape_of("Price for 20?")
    TextShape(length=13, words=2, digits_share=0.15384615384615385, chinese_share=0.0, links=0,
    question=True)
    """
    text = text.strip()
    length = len(text)
    return TextShape(
        length=length,
        words=len(WORD.findall(text)),
        digits_share=sum(map(str.isdigit, text)) / length if length else 0.0,
        chinese_share=0.0 if text.isascii() else _chinese(text) / length,
        links=len(LINK.findall(text)) if "/" in text or "." in text else 0,
        question="?" in text or "？" in text,
    )


def _chinese(text: str) -> int:
    return sum("\u4e00" <= character <= "\u9fff" for character in text)
