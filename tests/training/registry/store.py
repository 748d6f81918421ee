"""A real MLflow store with versions made by hand."""

import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from models.bundle.bundle import Bundle
from models.bundle.write import write_bundle
from training.gate.twins import FOLDER, Twins
from training.registry.tracking import Registry
from training.registry.version import ANCHOR, BASIS, CHALLENGER, HORIZON, Version

DATASET = "factory"


@dataclass(frozen=True, slots=True)
class Store:
    """An MLflow store in a file.

    Parameters
    ----------
    folder : Path
        Where everything is.
    bundle : Bundle
        Of every version.
    """

    folder: Path
    bundle: Bundle

    @property
    def uri(self) -> str:
        """Its address."""
        return f"sqlite:///{self.folder / 'mlflow.db'}"

    @property
    def artifacts(self) -> Path:
        """Where champions go."""
        return self.folder / "artifacts"

    @property
    def registry(self) -> Registry:
        """The store, as training sees it."""
        return Registry(self.uri)

    def add(self, twins: Twins, dataset: str = DATASET, *, key: bytes | None = None) -> Version:
        """Register a challenger as a training does, without training."""
        registry = self.registry
        import mlflow

        client = mlflow.MlflowClient(self.uri, self.uri)
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as place:
            warnings.simplefilter("ignore")
            found = client.get_experiment_by_name(dataset)
            experiment = (
                client.create_experiment(dataset, (self.folder / "runs").as_uri())
                if found is None
                else found.experiment_id
            )
            run = client.create_run(experiment).info.run_id
            twins.write(Path(place))
            client.log_artifacts(run, place, FOLDER)
            if not client.search_registered_models(f"name = '{dataset}'"):
                client.create_registered_model(dataset)
            source = self.folder / "models" / run
            manifest = replace(self.bundle.manifest, dataset=dataset, basis=twins.basis)
            made = replace(self.bundle, manifest=manifest) if twins.basis == "model" else None
            write_bundle(source / "artifacts" / "bundle", made or self.bundle, key=key)
            tags = {ANCHOR: "0.25", BASIS: twins.basis, HORIZON: "90"}
            number = client.create_model_version(dataset, str(source), run, tags=tags).version
            client.set_registered_model_alias(dataset, CHALLENGER, str(number))
        return registry.version(dataset, str(number))
