"""What the tests of the registry share."""

import shutil
import warnings
from pathlib import Path

import pytest

from features.arrays import FloatArray
from models.bundle.bundle import Bundle
from tests.factories import make_bundle
from tests.training.gate.judged import true_rates
from tests.training.registry.store import DATASET, Store
from training.registry.tracking import Registry


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an MLflow store without versions; making its tables takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert Registry(f"sqlite:///{folder / 'mlflow.db'}").champion("none") is None
    return folder / "mlflow.db"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """Return the bundle of every version."""
    return make_bundle(n_leads=300, trees=3, dataset=DATASET)


@pytest.fixture(scope="session")
def truth() -> FloatArray:
    """Return how likely each lead was to be won."""
    return true_rates(3000)


@pytest.fixture
def store(
    empty_store: Path, tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> Store:
    """Return a store of its own, where the commands look for it."""
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    made = Store(tmp_path, bundle)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.uri)
    monkeypatch.delenv("LEAD_SCORING_BUNDLE_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return made
