"""Yes or no."""

from dataclasses import dataclass
from typing import ClassVar

from features.arrays import Row
from features.attributes.encoder import Encoder, Shown, Unreadable, is_empty
from features.attributes.vocabulary import canonical

YES = frozenset({"yes", "true", "t", "y", "1", "1.0", "on", "x", "是", "有", "真"})
NO = frozenset({"no", "false", "f", "n", "0", "0.0", "off", "否", "无", "假", "没有"})


@dataclass(frozen=True, slots=True)
class BooleanEncoder(Encoder):
    """Yes or no, in JSON, in English or in Chinese."""

    type: ClassVar[str] = "boolean"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """1 for yes, 0 for no."""
        return (("", "flag"),)

    def read(self, value: object) -> bool | None:
        """Return the answer."""
        if value is True or value is False:
            return value
        if is_empty(value, self.spec.empty):
            return None
        if isinstance(value, (int, float)):
            value = canonical(value)
        if isinstance(value, str):
            word = self.spec.meant_by(value).strip().casefold()
            if word in YES:
                return True
            if word in NO:
                return False
        raise Unreadable

    def numbers(self, meaning: bool) -> Row:
        """Return 1 for yes, 0 for no."""
        return (1.0,) if meaning else (0.0,)

    def shown(self, meaning: bool, language: str) -> Shown:
        """Return yes or no."""
        return Shown(meaning, "yes" if meaning else "no", {})
