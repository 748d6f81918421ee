import os
import shutil
from pathlib import Path

import pytest

from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from training import promote
from training.registry.tracking import Registry
from training.train import main

PROJECT = Path(__file__).parents[3]
DATA = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data"))
LEADS = DATA / "maven-crm" / "sales_pipeline.csv"

pytestmark = [
    pytest.mark.prove,
    pytest.mark.filterwarnings("ignore"),  # mlflow warns about itself
    pytest.mark.skipif(
        not LEADS.is_file(), reason=f"Maven's deals are not at {LEADS} (LEAD_SCORING_REAL_DATA)"
    ),
]


def test_on_maven_rates_answer_and_the_gate_refuses(
    empty_store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    uri, bundles = f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "bundles"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mapping = PROJECT / "training" / "mappings" / "maven.toml"
    arguments = ["--leads", str(LEADS), "--mapping", str(mapping), "--bundles", str(bundles)]
    for _ in range(2):
        assert main([*arguments, "--quiet"]) == 0
    assert read_bundle(ArtifactFolder(bundles).champion("maven")).deployment.gate == "rates"
    champion = Registry(uri).require_champion("maven")
    assert (champion.version, champion.basis, champion.gate) == ("1", "rates", "rates")
    capsys.readouterr()
    assert promote.main(["--dataset", "maven", "--bundles", str(bundles)]) == 2
    assert "maven version 2 does not pass the gate: signal failed" in capsys.readouterr().err
    assert Registry(uri).require_champion("maven").version == "1"
