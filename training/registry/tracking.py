"""Everything about a training goes to MLflow: figures, files, and the model as a version."""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib

from training.errors import TrainingError
from training.learn import Learned
from training.registry.champion import (
    ALIAS,
    ANCHOR,
    BASIS,
    HORIZON,
    Champion,
    find_champion,
    horizon_text,
)
from training.registry.packages import requirements, stage_code
from training.registry.signature import input_columns, model_signature

if TYPE_CHECKING:
    from mlflow import MlflowClient

DEFAULT_URI = "sqlite:///mlflow.db"
ARTIFACTS = "mlruns"
CHATTY = ("mlflow", "alembic")
SERVED_MODEL = Path(__file__).with_name("served_model.py")
BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class Registered:
    """A version that was registered.

    Parameters
    ----------
    version, run_id : str
    champion : str
        Version that answers now.
    is_champion : bool
        Whether it is the new one.
    """

    version: str
    run_id: str
    champion: str

    @property
    def is_champion(self) -> bool:
        """Whether the new version answers."""
        return self.version == self.champion


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a run.

    Parameters
    ----------
    bundle : Path
        Folder of the bundle.
    mapping, report : Path
    plots : list of Path
    """

    bundle: Path
    mapping: Path
    report: Path
    plots: list[Path]


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

    def champion(self, dataset: str) -> Champion | None:
        """Return the version that answers for a dataset, None where there is none yet."""
        with quiet():
            return find_champion(self._client, dataset)

    def require_champion(self, dataset: str) -> Champion:
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

    def register(self, learned: Learned, files: Files, *, promote: bool) -> Registered:
        """Record a run and register its model as a new version of the dataset.

        The first version becomes champion, and the first model with signal takes over from
        rates; others only when asked for.
        """
        import mlflow

        dataset = str(learned.report["dataset"])
        before = self.champion(dataset)
        with quiet(), mlflow.start_run(experiment_id=self._experiment(dataset)) as run:
            mlflow.log_params(flatten(learned.report["config"]))
            mlflow.log_params(_facts(learned))
            mlflow.log_metrics(_metrics(learned.report))
            for path in (files.mapping, files.report):
                mlflow.log_artifact(str(path))
            for path in files.plots:
                mlflow.log_artifact(str(path), "plots")
            version = self._log_model(dataset, learned, files.bundle)
            _log_estimator(learned)
        for key, value in _tags(learned).items():
            self._client.set_model_version_tag(dataset, version, key, value)
        takes_over = before is None or before.gives_way_to(learned.basis, promote=promote)
        if takes_over:
            self._client.set_registered_model_alias(dataset, ALIAS, version)
        champion = version if before is None or takes_over else before.version
        return Registered(version, run.info.run_id, champion)

    def bundle_of(self, dataset: str, version: str, folder: Path) -> Path:
        """Return the bundle of a version, fetched into a folder."""
        with quiet():
            import mlflow

            model = mlflow.artifacts.download_artifacts(
                f"models:/{dataset}/{version}", dst_path=str(folder)
            )
        return Path(model) / "artifacts" / BUNDLE

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
        with tempfile.TemporaryDirectory() as folder:
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


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow's warnings about itself from the person who trains."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def flatten(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings by dotted names."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def input_example(learned: Learned) -> Any:
    """Return a table of one invented lead, so that no person's data is in the example."""
    import pandas as pd

    row: dict[str, Any] = {
        name: 1.0 if kind == "double" else ""
        for name, kind in input_columns(learned.space.attributes)
    }
    row |= {"lead_id": "L-1", "as_of": "2026-03-02T09:30:00Z", "created_at": "2026-03-01T08:00:00Z"}
    kinds = learned.space.kinds
    row["activities"] = (
        f'[{{"kind": "{kinds[0]}", "occurred_at": "2026-03-01T09:00:00Z"}}]' if kinds else "[]"
    )
    return pd.DataFrame([row])


def _facts(learned: Learned) -> dict[str, Any]:
    procedure = learned.procedure
    return {
        "dataset": learned.report["dataset"],
        "basis": learned.basis,
        "data_fingerprint": learned.report["export"]["fingerprint"],
        "horizon_days": learned.report["horizon_days"],
        "anchor": learned.anchor,
        "trees": procedure.size if procedure is not None else 0,
        "rows": learned.snapshots.n_rows,
    }


def _metrics(report: Mapping[str, Any]) -> dict[str, float]:
    parts = {"test": report["test"], "test_all_snapshots": report["test_all_snapshots"]}
    parts |= {f"baselines.{name}": found for name, found in report["baselines"].items()}
    return {
        f"{part}.{name}": float(value)
        for part, found in parts.items()
        for name, value in found.items()
        if isinstance(value, int | float)
    }


def _tags(learned: Learned) -> dict[str, str]:
    return {
        ANCHOR: repr(learned.anchor),
        BASIS: learned.basis,
        HORIZON: horizon_text(learned.report["horizon_days"]),
    }


def _log_estimator(learned: Learned) -> None:
    import mlflow

    if learned.fitted is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "estimator.joblib"
        joblib.dump(learned.fitted, path)
        mlflow.log_artifact(str(path), "notebooks")
