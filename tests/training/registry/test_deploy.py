"""The bundles of another machine follow the registry."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from features.arrays import FloatArray
from features.errors import SignatureError
from models.bundle.bundle import MODEL
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from tests.rules.source import PROJECT
from tests.training.registry.store import DATASET, Store
from tests.training.registry.test_promotion import asked, beside, first, taken_back
from training import deploy
from training.errors import GateError, RegistryAwayError, TrainingError
from training.registry.follow import Follower
from training.registry.version import CHAMPION

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself

PATIENCE_SECONDS = 120.0
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def elsewhere(tmp_path: Path) -> ArtifactFolder:
    """Return the bundles of another machine: none so far."""
    return ArtifactFolder(tmp_path / "elsewhere")


def deployed(folder: ArtifactFolder, *more: str) -> int:
    return deploy.main(["--dataset", DATASET, "--bundles", str(folder.folder), *more])


def pointed(folder: ArtifactFolder) -> tuple[str, str | None]:
    """Return the versions of champion and challenger, each a bundle that can be read."""
    challenger = folder.challenger(DATASET)
    found = read_bundle(folder.champion(DATASET)).deployment
    assert found.gate in ("passed", "forced")
    if challenger is None:
        return found.version, None
    other = read_bundle(challenger).deployment
    assert other.gate == "none"
    return found.version, other.version


def test_champion_and_challenger_are_brought_and_follow(
    store: Store, truth: FloatArray, elsewhere: ArtifactFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployed(elsewhere) == 2
    assert "dataset factory has no champion; expected one, from training" in capsys.readouterr().err
    store.add(first(truth))
    assert asked(store) == 0
    capsys.readouterr()
    assert deployed(elsewhere) == 0
    assert "factory version 1 answers, from " in capsys.readouterr().out
    assert pointed(elsewhere) == ("1", None)
    assert deployed(elsewhere) == 0
    assert capsys.readouterr().out == ""  # nothing is new
    store.add(beside(truth, truth, truth))
    assert deployed(elsewhere) == 0
    assert "factory version 2 is compared with the champion" in capsys.readouterr().out
    assert pointed(elsewhere) == ("1", "2")
    assert asked(store) == 0
    assert deployed(elsewhere) == 0
    assert pointed(elsewhere) == ("2", None)
    assert "has no challenger any more" in capsys.readouterr().out
    assert taken_back(store) == 0
    assert deployed(elsewhere) == 0
    assert pointed(elsewhere) == ("1", None)


def test_an_alias_moved_by_hand_past_the_gate_is_not_followed(
    store: Store, truth: FloatArray, elsewhere: ArtifactFolder
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    assert deployed(elsewhere) == 0
    version = store.add(beside(truth, truth, truth))
    store.registry.point(CHAMPION, version)
    with pytest.raises(GateError, match="version 2 is not exported: its gate is 'none'"):
        Follower(store.registry, elsewhere, DATASET, None).follow(NOW)
    assert pointed(elsewhere)[0] == "1"


def test_a_bundle_that_was_changed_in_the_registry_is_not_followed(
    store: Store, truth: FloatArray, elsewhere: ArtifactFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    for model in store.folder.glob(f"models/*/artifacts/bundle/{MODEL}"):
        model.write_bytes(b"damaged")
    assert deployed(elsewhere) == 2
    assert f"{MODEL} was changed or is damaged" in capsys.readouterr().err
    assert list(elsewhere.folder.glob("factory/*")) == []


def test_with_a_key_only_what_training_has_signed_is_followed(
    store: Store, truth: FloatArray, elsewhere: ArtifactFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    follower = Follower(store.registry, elsewhere, DATASET, b"secret")
    with pytest.raises(SignatureError, match="the bundle is not signed, a key is set"):
        follower.follow(NOW)
    store.add(beside(truth, truth, truth), key=b"secret")
    monkeypatch.setenv("LEAD_SCORING_BUNDLE_KEY", "secret")
    shutil.rmtree(store.artifacts)
    assert asked(store) == 0
    assert follower.follow(NOW)[0].startswith("factory version 2 answers")
    assert read_bundle(elsewhere.champion(DATASET), key=b"secret").deployment.version == "2"


def test_trouble_is_told_once_and_the_watch_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    end = Event()
    left = [RegistryAwayError("away"), RegistryAwayError("away"), None, TrainingError("else")]

    def turn() -> None:
        error = left.pop(0)
        if not left:
            end.set()
        if error is not None:
            raise error

    deploy.watch(turn, 0.001, end)
    assert capsys.readouterr().err == "error: away\nerror: else\n"
    assert left == []


def test_a_watch_needs_time_between_its_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main(["--dataset", DATASET, "--watch", "--seconds", "0"]) == 2
    assert "--seconds is 0, expected more than 0" in capsys.readouterr().err


def test_a_watch_follows_until_it_is_told_to_end(
    store: Store, truth: FloatArray, elsewhere: ArtifactFolder
) -> None:
    store.add(first(truth))
    assert asked(store) == 0
    command = [sys.executable, "-m", "training.deploy", "--watch", "--seconds", "0.2"]
    where = ["--dataset", DATASET, "--bundles", str(elsewhere.folder)]
    watching = subprocess.Popen(
        [*command, *where],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "MLFLOW_TRACKING_URI": store.uri},
    )
    try:
        for version in ("1", "2"):
            wait_until(elsewhere, version, watching)
            if version == "1":
                store.add(beside(truth, truth, truth))
                assert asked(store) == 0
        watching.send_signal(signal.SIGTERM)
        said, _ = watching.communicate(timeout=PATIENCE_SECONDS)
    finally:
        watching.kill()
        watching.wait()
    assert watching.returncode == 0
    assert b"version 1 answers" in said
    assert b"version 2 answers" in said


def wait_until(folder: ArtifactFolder, version: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while folder.champion(DATASET).name != version:
        assert process.poll() is None, "the watch ended"
        assert time.monotonic() < deadline, "it did not come about in time"
        select.select([], [], [], 0.1)
