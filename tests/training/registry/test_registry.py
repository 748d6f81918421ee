import json
import shutil
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import ConfigError
from features.records import assemble, record_to_json
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer
from tests.conftest import FAST
from training.errors import TrainingError
from training.registry.export import export_champion
from training.registry.packages import requirements, stage_code
from training.registry.tracking import Registry
from training.registry.version import Version
from training.train import main

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself and about pandas

NOW = datetime(2026, 3, 2, tzinfo=UTC)
# few leads are judged here, on a machine that may be busy
GENEROUS = (
    "gate.least_outcomes=20",
    "gate.least_slope=0.5",
    "gate.most_slope=2",
    "gate.least_observed_expected=0.5",
    "gate.most_observed_expected=2",
    "gate.latency_ms=1000",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    folder = tmp_path_factory.mktemp("mlflow")
    shutil.copy(empty_store, folder / "mlflow.db")
    return folder


@pytest.fixture(scope="module")
def uri(store: Path) -> str:
    return f"sqlite:///{store / 'mlflow.db'}"


def train(export: Path, mapping: Path, store: Path, uri: str, *more: str) -> None:
    arguments = ["--leads", str(export / "leads.csv"), "--mapping", str(mapping), "--quiet"]
    arguments += [f"--set={setting}" for setting in (*FAST, *GENEROUS)]
    arguments += ["--bundles", str(store / "artifacts")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        assert main([*arguments, *more]) == 0


@pytest.fixture(scope="module")
def champion(store: Path, uri: str, simulated_export: Path, simulated_mapping: Path) -> Path:
    """Return the exported bundle of the champion; a second version is registered as well."""
    train(simulated_export, simulated_mapping, store, uri)
    train(simulated_export, simulated_mapping, store, uri, "--set=seed=2")
    return ArtifactFolder(store / "artifacts").champion("simulated")


@pytest.fixture(scope="module")
def served(champion: Path, uri: str) -> Any:
    import mlflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.set_tracking_uri(uri)
        return mlflow.pyfunc.load_model("models:/simulated@champion")


def test_the_first_version_becomes_champion_and_later_ones_wait(champion: Path, uri: str) -> None:
    found = Registry(uri).require_champion("simulated")
    assert found.version == "1"
    assert champion.name == "1"
    deployment = read_bundle(champion).deployment
    assert (deployment.version, deployment.run_id) == ("1", found.run_id)
    assert (found.gate, found.replaced, deployment.gate) == ("passed", None, "passed")
    assert {check["name"] for check in deployment.checks} >= {"leads judged", "signal", "latency"}
    assert deployment.comparison is None
    assert Registry(uri).require_challenger("simulated").version == "2"
    challenger = ArtifactFolder(champion.parents[1]).challenger("simulated")
    assert challenger is not None
    beside = read_bundle(challenger).deployment
    assert (beside.version, beside.gate) == ("2", "none")


def test_later_versions_keep_the_first_anchor(champion: Path, uri: str, tmp_path: Path) -> None:
    registry = Registry(uri)
    second = read_bundle(registry.bundle_of(registry.version("simulated", "2"), tmp_path))
    assert second.manifest.anchor == read_bundle(champion).manifest.anchor


def test_everything_about_a_training_is_in_its_run(champion: Path, uri: str) -> None:
    import mlflow

    run_id = Registry(uri).require_champion("simulated").run_id
    client = mlflow.MlflowClient(uri)
    run = client.get_run(run_id)
    assert run.data.params["boosting.most_trees"] == "60"
    assert len(run.data.params["data_fingerprint"]) == 64
    assert 0.5 < run.data.metrics["test.roc_auc"] < 1.0
    assert "baselines.logistic.log_loss" in run.data.metrics
    tried = client.get_metric_history(run_id, "search.log_loss")
    assert [one.step for one in tried] == [1, 2]
    assert all(0.0 < one.value < 1.0 for one in tried)
    assert {file.path for file in client.list_artifacts(run_id)} >= {
        "simulated.toml",
        "report.json",
        "report.html",
        "model-card.md",
        "plots",
        "notebooks",
        "twins",
        "gate.json",
    }
    plots = {file.path for file in client.list_artifacts(run_id, "plots")}
    assert {"plots/reliability.svg", "plots/lift.svg", "plots/roc.svg"} <= plots
    card = Path(client.download_artifacts(run_id, "model-card.md")).read_text(encoding="utf-8")
    assert "| signal | passed |" in card


def test_the_registered_model_predicts_what_the_bundle_does(served: Any, champion: Path) -> None:
    scorer = Scorer(read_bundle(champion))
    records = [lead.record for lead in scorer.bundle.golden.leads]
    numbers = {spec.name for spec in scorer.space.attributes if spec.type == "number"}
    rows = []
    for record in records:
        data = record_to_json(record)
        attributes = {
            name: value
            for name, value in data.pop("attributes").items()
            if name in numbers or isinstance(value, str)
        }
        rows.append({**data, **attributes, "activities": json.dumps(data["activities"])})
    table = pd.DataFrame(rows)
    for name in numbers & set(table):
        table[name] = table[name].astype("float64")
    table["episode"] = table["episode"].astype("float64")
    kept = [
        record._replace(
            attributes={
                name: value
                for name, value in record.attributes.items()
                if value is not None and (name in numbers or isinstance(value, str))
            }
        )
        for record in records
    ]
    expected = scorer.score(*assemble(kept))
    found = served.predict(table)
    assert list(found.columns) == ["probability", "score", "reasons"]
    assert np.allclose(found.probability, expected.probability, atol=1e-12)
    assert found.score.tolist() == expected.score.tolist()
    assert all(json.loads(reasons) for reasons in found.reasons)


def test_missing_and_unknown_columns_are_allowed(served: Any) -> None:
    found = served.predict(pd.DataFrame({"channel": ["Referral", None], "colour": ["red", "blue"]}))
    assert found.probability.between(0, 1).all()
    assert found.probability[0] != found.probability[1]


def test_reasons_come_in_the_language_and_number_asked_for(served: Any) -> None:
    table = pd.DataFrame({"channel": ["Referral"]})
    found = served.predict(table, params={"language": "zh", "reasons": 2})
    reasons = json.loads(found.reasons[0])
    assert len(reasons) == 2
    assert any("\u4e00" <= letter <= "\u9fff" for reason in reasons for letter in reason["text"])


def test_a_champion_is_exported_again_where_its_bundle_is_gone(
    champion: Path, uri: str, tmp_path: Path
) -> None:
    folder = export_champion(Registry(uri), "simulated", ArtifactFolder(tmp_path), NOW, b"key")
    again = read_bundle(folder, key=b"key")
    assert again.manifest.to_json() == read_bundle(champion).manifest.to_json()


def test_another_horizon_needs_a_name_of_its_own(
    champion: Path,
    uri: str,
    simulated_export: Path,
    simulated_mapping: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = tmp_path / "changed.toml"
    text = simulated_mapping.read_text("utf-8").replace("horizon_days = 90", "horizon_days = 60")
    changed.write_text(text, encoding="utf-8")
    arguments = ["--leads", str(simulated_export / "leads.csv"), "--mapping", str(changed)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        assert main([*arguments, "--quiet"]) == 2
    assert "needs a dataset name of its own" in capsys.readouterr().err


def test_a_dataset_without_champion_says_so(champion: Path, uri: str) -> None:
    with pytest.raises(TrainingError, match="dataset other has no champion"):
        Registry(uri).require_champion("other")


def test_a_horizon_that_cannot_be_known_is_another() -> None:
    version = Version("mine", "1", "run", "rates", 0.1, "90")
    with pytest.raises(ConfigError, match="a horizon of 90 days, the mapping says none"):
        version.require_horizon(None)


def test_what_travels_with_a_model_is_pinned_and_without_bundles(tmp_path: Path) -> None:
    assert all("==" in requirement for requirement in requirements())
    folders = stage_code(tmp_path)
    assert [folder.rsplit("/", 1)[1] for folder in folders] == ["features", "models"]
    assert (tmp_path / "models" / "scorer.py").is_file()
    assert not (tmp_path / "models" / "artifacts").exists()
    assert not list(tmp_path.rglob("__pycache__"))
