"""What a mapping says about activities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ActivitySpec:
    """How activities become numbers.

    Parameters
    ----------
    excluded : tuple of str
        Kinds by our own staff: consequences of a score, not intent.
    windows_days : tuple of float
        Windows in which activities are counted, back from `as_of`.
    half_life_days : float
        After so many days an activity weighs half in the decayed intensity.
    most_kinds : int
        So many of the most frequent kinds are known.
    labels : mapping of str to mapping of str to str
        Kind to language to the words shown to people.
    """

    excluded: tuple[str, ...] = ()
    windows_days: tuple[float, ...] = (7.0, 30.0, 90.0)
    half_life_days: float = 14.0
    most_kinds: int = 40
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "excluded": list(self.excluded),
            "windows_days": list(self.windows_days),
            "half_life_days": self.half_life_days,
            "most_kinds": self.most_kinds,
            "labels": {kind: dict(words) for kind, words in self.labels.items()},
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ActivitySpec":
        """Return the specification that `to_json` wrote."""
        return ActivitySpec(
            excluded=tuple(data["excluded"]),
            windows_days=tuple(data["windows_days"]),
            half_life_days=float(data["half_life_days"]),
            most_kinds=int(data["most_kinds"]),
            labels=dict(data["labels"]),
        )
