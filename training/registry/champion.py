"""Which registered version answers, and what later ones take over from it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.errors import ConfigError
from training.learn import Basis

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

ALIAS = "champion"
ANCHOR, BASIS, HORIZON = "anchor", "basis", "horizon_days"
NO_HORIZON = "none"


@dataclass(frozen=True, slots=True)
class Champion:
    """The registered version that answers.

    Parameters
    ----------
    version, run_id : str
    basis : "model" or "rates"
    anchor : float
        Of the dataset's first model; every later one takes it over.
    horizon_days : str
        "none" without dates.
    """

    version: str
    run_id: str
    basis: Basis
    anchor: float
    horizon_days: str

    def require_horizon(self, dataset: str, horizon_days: int | None) -> None:
        """Refuse another horizon than that of the registered models.

        Raises
        ------
        ConfigError
            When it differs.
        """
        if self.horizon_days != horizon_text(horizon_days):
            raise ConfigError(
                f"dataset {dataset}: its registered models have a horizon of "
                f"{self.horizon_days} days, the mapping says {horizon_text(horizon_days)}; "
                "a model of another horizon needs a dataset name of its own"
            )

    def gives_way_to(self, basis: Basis, *, promote: bool) -> bool:
        """Return whether a new version takes over.

        A model does so over rates by itself, over a model when asked for; rates never do over
        a model.
        """
        if self.basis == "model":
            return promote and basis == "model"
        return promote or basis == "model"


def horizon_text(horizon_days: int | None) -> str:
    """Return a horizon as it stands in a tag."""
    return NO_HORIZON if horizon_days is None else str(horizon_days)


def find_champion(client: "MlflowClient", dataset: str) -> Champion | None:
    """Return the champion of a dataset, None where there is none yet."""
    from mlflow.exceptions import MlflowException

    try:
        version: ModelVersion = client.get_model_version_by_alias(dataset, ALIAS)
    except MlflowException:  # neither the model nor the alias is there
        return None
    tags = version.tags
    return Champion(
        version=str(version.version),
        run_id=str(version.run_id),
        basis="rates" if tags[BASIS] == "rates" else "model",
        anchor=float(tags[ANCHOR]),
        horizon_days=tags[HORIZON],
    )
