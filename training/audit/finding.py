"""One piece of evidence that a column knows the outcome."""

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence about one attribute.

    Parameters
    ----------
    attribute : str
    severity : "hard" or "soft"
        Hard evidence stops a training, soft evidence warns.
    kind : str
        What was looked at, such as "filled for won only".
    sentence : str
        The evidence in plain words.
    figures : mapping of str to float
        Its numbers.
    """

    attribute: str
    severity: Severity
    kind: str
    sentence: str
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a report keeps."""
        return {
            "attribute": self.attribute,
            "severity": self.severity,
            "kind": self.kind,
            "sentence": self.sentence,
            "figures": self.figures,
        }
