"""What becomes of a training while no model with signal answers."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.score.points import probability_of
from models.scorer import Scorer, check_golden
from tests.conftest import FAST
from training import promote
from training.registry.tracking import Registry
from training.registry.version import Version
from training.train import main

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself

MAPPING = """
dataset = "small"
[leads]
lead_id = "id"
order = "at"
channel = "channel"
[outcome]
column = "outcome"
won = ["won"]
lost = ["lost"]
[attributes.size]
type = "number"
known_at = "creation"
"""
PATIENT = "gate.latency_ms=1000"
TOO_LARGE = "gate.bundle_mb=0.01"


class Place:
    """A folder with an export, a store and bundles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "small.toml").write_text(MAPPING, encoding="utf-8")

    def export(self, leads: int, effect: float) -> None:
        """Write leads of which the larger ones win more often, as far as there is an effect."""
        generator = np.random.default_rng(5)
        size = generator.normal(0.0, 1.0, leads)
        won = generator.random(leads) < probability_of(effect * size - 0.5)
        lines = ["id,at,channel,size,outcome"]
        lines += [
            f"{row},{row},{'web' if row % 3 else 'fair'},{size[row]:.3f},"
            f"{'won' if won[row] else 'lost'}"
            for row in range(leads)
        ]
        (self.folder / "leads.csv").write_text("\n".join(lines), encoding="utf-8")

    def train(self, *settings: str) -> None:
        """Train and register."""
        chosen = [f"--set={setting}" for setting in (*FAST, PATIENT, *settings)]
        leads, mapping = self.folder / "leads.csv", self.folder / "small.toml"
        arguments = ["--leads", str(leads), "--mapping", str(mapping), "--quiet"]
        assert main([*arguments, "--bundles", str(self.folder / "bundles"), *chosen]) == 0

    def promote(self) -> int:
        """Ask the gate for the challenger."""
        arguments = ["--dataset", "small", "--bundles", str(self.folder / "bundles")]
        return promote.main([*arguments, f"--set={PATIENT}"])

    def champion(self) -> Version:
        return Registry(f"sqlite:///{self.folder / 'mlflow.db'}").require_champion("small")

    def challenger(self) -> Version:
        return Registry(f"sqlite:///{self.folder / 'mlflow.db'}").require_challenger("small")

    def fingerprint(self, version: Version) -> str:
        registry = Registry(f"sqlite:///{self.folder / 'mlflow.db'}")
        found = registry.artifact(version, "report.json", self.folder / version.version)
        return str(json.loads(found.read_text("utf-8"))["fingerprint"])

    def served(self) -> Path:
        return ArtifactFolder(self.folder / "bundles").champion("small")

    def deployment(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.served() / "deployment.json").read_text("utf-8"))
        return found


@pytest.fixture
def place(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    return Place(tmp_path)


def test_a_first_model_that_fails_leaves_rates_until_one_passes(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.export(leads=1200, effect=1.5)
    place.train(TOO_LARGE)
    said = capsys.readouterr().out
    assert "rates answer, since the model did not pass the gate (bundle size)" in said
    first = place.champion()
    assert (first.version, first.basis, first.gate) == ("1", "rates", "rates")
    assert "bundle size failed" in (first.reason or "")
    bundle = read_bundle(place.served())
    assert (bundle.manifest.basis, bundle.model_text) == ("rates", None)
    assert bundle.report["basis"] == "rates"
    assert (bundle.deployment.gate, bundle.deployment.reason) == ("rates", first.reason)
    check_golden(Scorer(bundle))

    place.train(TOO_LARGE)
    assert place.champion().version == "1"
    second = place.challenger()
    assert (second.version, second.basis, second.gate) == ("2", "model", "failed")

    capsys.readouterr()
    place.train()
    assert "small version 3; it is the champion" in capsys.readouterr().out
    third = place.champion()
    assert (third.version, third.basis, third.gate) == ("3", "model", "passed")
    assert third.replaced == "1"
    assert place.deployment()["gate"] == "passed"

    place.train()
    assert place.fingerprint(place.challenger()) == place.fingerprint(third)
    capsys.readouterr()
    assert place.promote() == 0
    said = capsys.readouterr().out
    assert (
        "log loss          passed      +0.0000 (+0.0000 to +0.0000) to the champion's: equal"
        in said
    )
    assert "label volume      passed      0 of 240 leads change label" in said
    assert (place.champion().version, place.champion().replaced) == ("4", "3")
    assert place.deployment()["comparison"]["champion"] == "3"


def test_data_without_signal_leave_rates(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.export(leads=1200, effect=0.0)
    place.train()
    assert (place.champion().basis, place.champion().gate) == ("rates", "rates")
    assert place.deployment()["gate"] == "rates"
    assert "signal            FAILED      rates answer: " in capsys.readouterr().out
