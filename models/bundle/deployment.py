"""Where a bundle comes from and how it got out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

GateStatus = Literal["passed", "forced", "rates", "none"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Facts that are not part of the model, and not of its fingerprint.

    Parameters
    ----------
    version : str
        Registered version; "unregistered" without a registry.
    run_id : str or None
        The training's run.
    exported_at : str
        UTC moment in ISO form.
    gate : GateStatus
        Whether a gate let it through.
    comparison : mapping or None
        With the champion before it.
    reason : str or None
        Why it was forced, or why rates answer.
    checks : tuple of mapping
        The gate's, with name, result, figures, limit and sentence.
    """

    version: str
    run_id: str | None
    exported_at: str
    gate: GateStatus = "none"
    comparison: Mapping[str, Any] | None = None
    reason: str | None = None
    checks: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {
            "version": self.version,
            "run_id": self.run_id,
            "exported_at": self.exported_at,
            "gate": self.gate,
            "comparison": None if self.comparison is None else dict(self.comparison),
            "reason": self.reason,
            "checks": [dict(check) for check in self.checks],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Deployment":
        """Return the facts that `to_json` wrote."""
        return Deployment(
            str(data["version"]),
            data["run_id"],
            str(data["exported_at"]),
            data["gate"],
            data["comparison"],
            data.get("reason"),
            tuple(data.get("checks", ())),
        )
