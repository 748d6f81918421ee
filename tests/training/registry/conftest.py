"""What the tests of the registry share."""

import warnings
from pathlib import Path

import pytest

from training.registry.tracking import Registry


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an MLflow store without versions; making its tables takes seconds."""
    folder = tmp_path_factory.mktemp("empty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert Registry(f"sqlite:///{folder / 'mlflow.db'}").champion("none") is None
    return folder / "mlflow.db"
