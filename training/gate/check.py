"""One condition of the gate, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Result = Literal["passed", "failed", "cannot tell"]
Limit = float | tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Check:
    """A condition.

    Parameters
    ----------
    name : str
        Such as "log loss".
    result : "passed", "failed" or "cannot tell"
    figures : mapping
        What was measured, for JSON.
    limit : float, pair of float or None
        From the configuration.
    sentence : str
        What was found and what was expected, with its figures, for people.
    """

    name: str
    result: Result
    figures: Mapping[str, Any]
    limit: Limit
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON."""
        limit = list(self.limit) if isinstance(self.limit, tuple) else self.limit
        return {
            "name": self.name,
            "result": self.result,
            "figures": dict(self.figures),
            "limit": limit,
            "sentence": self.sentence,
        }
