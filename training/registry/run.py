"""What a training leaves in its MLflow run."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from training.gate.twins import FOLDER, Twins
from training.learn import Learned
from training.registry.signature import input_columns
from training.registry.version import ANCHOR, BASIS, HORIZON, horizon_text


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a run.

    Parameters
    ----------
    bundle : Path
        Folder of the bundle.
    mapping, report : Path
    card : tuple of Path
        HTML and Markdown.
    plots : tuple of Path
        SVG.
    """

    bundle: Path
    mapping: Path
    report: Path
    card: tuple[Path, ...] = ()
    plots: tuple[Path, ...] = ()


def log_run(learned: Learned, files: Files, twins: Twins) -> None:
    """Log settings, figures and files to the run that is open."""
    import mlflow

    mlflow.log_params(flatten(learned.report["config"]))
    mlflow.log_params(_facts(learned))
    mlflow.log_metrics(_metrics(learned.report))
    _log_trials(learned.report)
    for path in (files.mapping, files.report, *files.card):
        mlflow.log_artifact(str(path))
    for path in files.plots:
        mlflow.log_artifact(str(path), "plots")
    _log_twins(twins)
    _log_estimator(learned)


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


def tags_of(learned: Learned) -> dict[str, str]:
    """Return what later trainings and the service must know of a version."""
    return {
        ANCHOR: repr(learned.anchor),
        BASIS: learned.basis,
        HORIZON: horizon_text(learned.report["horizon_days"]),
    }


def _log_trials(report: Mapping[str, Any]) -> None:
    """Log the loss of each setting that the search for the served model tried, as a curve."""
    import mlflow

    served = report["procedure"]["served"] or {}
    for step, trial in enumerate(served.get("trials", ()), start=1):
        mlflow.log_metric("search.log_loss", trial["log_loss"], step=step)


def _log_twins(twins: Twins) -> None:
    import mlflow

    with tempfile.TemporaryDirectory() as folder:
        twins.write(Path(folder) / FOLDER)
        mlflow.log_artifacts(str(Path(folder) / FOLDER), FOLDER)


def _log_estimator(learned: Learned) -> None:
    import mlflow

    if learned.fitted is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "estimator.joblib"
        joblib.dump(learned.fitted, path)
        mlflow.log_artifact(str(path), "notebooks")
