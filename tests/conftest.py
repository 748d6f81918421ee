"""What all tests share."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

# what it keeps would stand in the project's folder and be taken for tests
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "lead-scoring-hypothesis")
settings.register_profile("derandomised", derandomize=True, deadline=None, database=None)
settings.load_profile("derandomised")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

LEADS = 2500
MAPPINGS = Path(__file__).parents[1] / "training" / "mappings"
FAST = (
    "splitting.origins=2",
    "splitting.least_outcomes=20",
    "boosting.most_trees=60",
    "choosing.trials=2",
    "choosing.search_rows=1000",
    "splines.strengths=[0.002, 0.01]",
    "splines.half_lives=[]",
    "evaluating.draws=40",
)


@pytest.fixture(scope="session")
def simulated_mapping() -> Path:
    """Return the mapping of the sample CRM."""
    return MAPPINGS / "simulated.toml"


@pytest.fixture(scope="session")
def simulated_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small export of the sample CRM, as CSV."""
    from training.simulate import main

    folder = tmp_path_factory.mktemp("export")
    main(["--out", str(folder), "--leads", str(LEADS), "--seed", "1"])
    return folder


@pytest.fixture(scope="session")
def trained(
    simulated_export: Path, simulated_mapping: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a folder with the bundle and report of a model of that export."""
    from training.train import main

    folder = tmp_path_factory.mktemp("trained")
    arguments = ["--leads", str(simulated_export / "leads.csv"), "--out", str(folder), "--quiet"]
    arguments += ["--mapping", str(simulated_mapping), "--no-register"]
    assert main([*arguments, *(f"--set={setting}" for setting in FAST)]) == 0
    return folder


@pytest.fixture(scope="session")
def trained_bundle(trained: Path) -> Path:
    """Return the folder of that model's bundle."""
    return trained / "bundle"
