"""A registered version of a dataset, and what later ones take over from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from features.errors import ConfigError
from training.learn import Basis

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
"""Aliases of the version that answers, and of the newest that might."""
ANCHOR, BASIS, HORIZON = "anchor", "basis", "horizon_days"
GATE, REASON = "gate", "gate_reason"
PROMOTED_AT, REPLACED, ROLLED_BACK_AT = "promoted_at", "replaced", "rolled_back_at"
NO_HORIZON = "none"
NO_GATE: Final = "none"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version.

    Parameters
    ----------
    dataset, version, run_id : str
    basis : "model" or "rates"
    anchor : float
        Of the dataset's first model; every later one takes it over.
    horizon_days : str
        "none" without dates.
    gate : str
        What the gate said: passed, forced, rates, failed, cannot tell, or none so far.
    reason : str or None
        Why it was forced, or what did not pass.
    replaced : str or None
        The version that answered before it; None where it was the first, or never answered.
    """

    dataset: str
    version: str
    run_id: str
    basis: Basis
    anchor: float
    horizon_days: str
    gate: str = NO_GATE
    reason: str | None = None
    replaced: str | None = None

    def __str__(self) -> str:
        return f"{self.dataset} version {self.version}"

    def require_horizon(self, horizon_days: int | None) -> None:
        """Refuse another horizon than that of the registered models.

        Raises
        ------
        ConfigError
            When it differs.
        """
        if self.horizon_days != horizon_text(horizon_days):
            raise ConfigError(
                f"dataset {self.dataset}: its registered models have a horizon of "
                f"{self.horizon_days} days, the mapping says {horizon_text(horizon_days)}; "
                "a model of another horizon needs a dataset name of its own"
            )


def horizon_text(horizon_days: int | None) -> str:
    """Return a horizon as it stands in a tag."""
    return NO_HORIZON if horizon_days is None else str(horizon_days)


def version_of(registered: "ModelVersion") -> Version:
    """Return a version as MLflow's tags describe it."""
    tags: Mapping[str, str] = registered.tags
    return Version(
        dataset=str(registered.name),
        version=str(registered.version),
        run_id=str(registered.run_id),
        basis="rates" if tags[BASIS] == "rates" else "model",
        anchor=float(tags[ANCHOR]),
        horizon_days=tags[HORIZON],
        gate=tags.get(GATE, NO_GATE),
        reason=tags.get(REASON) or None,
        replaced=tags.get(REPLACED),
    )
