"""Everything about a training goes to MLflow: figures, files, and the model as a version."""

import json
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.choice import Choice
from training.errors import RegistryAwayError, TrainingError
from training.gate.twins import FOLDER, Twins
from training.learn import Learned
from training.registry.packages import requirements, stage_code
from training.registry.run import Files, input_example, log_run, tags_of
from training.registry.signature import model_signature
from training.registry.version import CHALLENGER, CHAMPION, Version, version_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_URI = "sqlite:///mlflow.db"
ARTIFACTS = "mlruns"
CHATTY = ("mlflow", "alembic")
SERVED_MODEL = Path(__file__).with_name("served_model.py")
BUNDLE = "bundle"
GATE_FILE = "gate.json"
REPORT = "report.json"
ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""What MLflow says of models, versions and aliases that are not there."""


class Registry:
    """The MLflow store that holds runs and versions.

    Parameters
    ----------
    uri : str
        Such as "sqlite:///mlflow.db", or the address of a server.
    """

    def __init__(self, uri: str) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        with quiet():
            import mlflow
            import mlflow.pyfunc

            for name in CHATTY:
                logging.getLogger(name).setLevel(logging.ERROR)
            mlflow.set_tracking_uri(uri)
            mlflow.set_registry_uri(uri)
            self._client: MlflowClient = mlflow.MlflowClient(uri, uri)
        self._uri = uri

    def champion(self, dataset: str) -> Version | None:
        """Return the version that answers for a dataset, None where there is none yet."""
        return self._by_alias(dataset, CHAMPION)

    def require_champion(self, dataset: str) -> Version:
        """Return the version that answers for a dataset.

        Raises
        ------
        TrainingError
            When there is none.
        """
        found = self.champion(dataset)
        if found is None:
            raise TrainingError(f"dataset {dataset} has no champion; expected one, from training")
        return found

    def challenger(self, dataset: str) -> Version | None:
        """Return the newest version of a dataset that does not answer yet, None without one."""
        return self._by_alias(dataset, CHALLENGER)

    def require_challenger(self, dataset: str) -> Version:
        """Return the newest version of a dataset that does not answer yet.

        Raises
        ------
        TrainingError
            When there is none.
        """
        found = self.challenger(dataset)
        if found is None:
            raise TrainingError(f"dataset {dataset} has no challenger; expected one, from training")
        return found

    def version(self, dataset: str, version: str) -> Version:
        """Return a version of a dataset.

        Raises
        ------
        TrainingError
            When it is not there (any more).
        """
        from mlflow.exceptions import MlflowException

        try:
            with quiet():
                return version_of(self._client.get_model_version(dataset, version))
        except MlflowException as error:
            if error.error_code not in ABSENT:
                raise away(self._uri, error) from None
            raise TrainingError(
                f"dataset {dataset} has no version {version}; expected a registered one"
            ) from None

    def register(self, learned: Learned, files: Files, twins: Twins) -> Version:
        """Record a run and register its model as a new version of the dataset, the challenger."""
        import mlflow

        dataset = str(learned.report["dataset"])
        with quiet(), mlflow.start_run(experiment_id=self._experiment(dataset)):
            log_run(learned, files, twins)
            version = self._log_model(dataset, learned, files.bundle)
        for key, value in tags_of(learned).items():
            self._client.set_model_version_tag(dataset, version, key, value)
        self._client.set_registered_model_alias(dataset, CHALLENGER, version)
        return self.version(dataset, version)

    def tag(self, version: Version, tags: Mapping[str, str]) -> None:
        """Write facts about a version down."""
        with reaching(self._uri):
            for key, value in tags.items():
                self._client.set_model_version_tag(version.dataset, version.version, key, value)

    def point(self, alias: str, version: Version) -> None:
        """Let an alias name a version."""
        with reaching(self._uri):
            self._client.set_registered_model_alias(version.dataset, alias, version.version)

    def drop(self, alias: str, dataset: str) -> None:
        """Let an alias name nothing."""
        with reaching(self._uri):
            self._client.delete_registered_model_alias(dataset, alias)

    def log_gate(self, version: Version, found: Mapping[str, Any]) -> None:
        """Keep what the gate found with the run of a version."""
        with reaching(self._uri):
            self._client.log_dict(version.run_id, dict(found), GATE_FILE)

    def gate_of(self, version: Version) -> dict[str, Any]:
        """Return what `log_gate` kept."""
        with tempfile.TemporaryDirectory() as folder:
            path = self.artifact(version, GATE_FILE, Path(folder))
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def twins_of(self, version: Version) -> Twins:
        """Return the twins that a version was judged by.

        Raises
        ------
        GateError
            When they are damaged.
        """
        with tempfile.TemporaryDirectory() as folder:
            return Twins.read(self.artifact(version, FOLDER, Path(folder)))

    def choice_of(self, version: Version) -> Choice | None:
        """Return what the training of a version chose, None where rates answer.

        Raises
        ------
        TrainingError
            When its report is not there.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = self.artifact(version, REPORT, Path(folder))
            served = json.loads(path.read_text(encoding="utf-8"))["procedure"]["served"]
        if version.basis == "rates" or served is None or served.get("choice") is None:
            return None
        return Choice.from_json(served["choice"])

    def artifact(self, version: Version, name: str, folder: Path) -> Path:
        """Return a file or folder of a version's run, fetched into a folder.

        Raises
        ------
        TrainingError
            When the run has none of that name.
        """
        from mlflow.exceptions import MlflowException

        try:
            with quiet():
                return Path(self._client.download_artifacts(version.run_id, name, str(folder)))
        except (MlflowException, OSError):
            raise TrainingError(f"the run of {version} has no {name}; train again") from None

    def bundle_of(self, version: Version, folder: Path) -> Path:
        """Return the bundle of a version, fetched into a folder.

        Raises
        ------
        RegistryAwayError
            When it cannot be fetched.
        """
        with reaching(f"the bundle of {version}"):
            import mlflow

            model = mlflow.artifacts.download_artifacts(
                f"models:/{version.dataset}/{version.version}", dst_path=str(folder)
            )
        return Path(model) / "artifacts" / BUNDLE

    def _by_alias(self, dataset: str, alias: str) -> Version | None:
        from mlflow.exceptions import MlflowException

        try:
            with quiet():
                return version_of(self._client.get_model_version_by_alias(dataset, alias))
        except MlflowException as error:
            if error.error_code in ABSENT:  # neither the model nor the alias is there
                return None
            raise away(self._uri, error) from None

    def _experiment(self, dataset: str) -> str:
        found = self._client.get_experiment_by_name(dataset)
        if found is not None:
            return str(found.experiment_id)
        location = None
        if self._uri.startswith("sqlite:///"):
            store = Path(self._uri.removeprefix("sqlite:///")).resolve().parent / ARTIFACTS
            location = (store / dataset).as_uri()
        return str(self._client.create_experiment(dataset, artifact_location=location))

    def _log_model(self, dataset: str, learned: Learned, bundle: Path) -> str:
        import mlflow

        attributes = learned.space.attributes
        # MLflow prints what it registers, into the line of the step that we are at
        with tempfile.TemporaryDirectory() as folder, redirect_stderr(StringIO()):
            info = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(SERVED_MODEL),
                artifacts={BUNDLE: str(bundle)},
                code_paths=stage_code(Path(folder)),
                pip_requirements=requirements(),
                signature=model_signature(attributes),
                input_example=input_example(learned),
                registered_model_name=dataset,
            )
        return str(info.registered_model_version)


def open_registry() -> Registry:
    """Return the store that MLFLOW_TRACKING_URI names, the file `mlflow.db` by default."""
    return Registry(os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI)


def away(what: str, error: Exception) -> RegistryAwayError:
    """Return the error for what the registry does not give; no address with a password in it."""
    shown = re.sub(r"//[^/@]*@", "//", what)
    return RegistryAwayError(f"{shown} does not answer ({type(error).__name__}); try again later")


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Say in our words that the registry does not answer.

    Raises
    ------
    RegistryAwayError
        Whatever MLflow or the network has to say.
    """
    from mlflow.exceptions import MlflowException

    try:
        with quiet():
            yield
    except (MlflowException, OSError) as error:
        raise away(what, error) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow's warnings about itself from the person who trains."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
