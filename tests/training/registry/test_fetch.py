"""A bundle that is gone comes back from the registry, so that a decision can be made again."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.arrays import FloatArray
from models.bundle.bundle import MODEL
from models.bundle.folder import ArtifactFolder
from models.bundle.request import ModelRequest
from models.bundle.request_folder import RequestFolder, request_id_of
from service.settings import Settings
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, serving
from tests.training.registry.store import DATASET, Store
from tests.training.registry.test_promotion import PATIENT, asked, beside, first
from training import deploy

pytestmark = pytest.mark.filterwarnings("ignore")  # mlflow warns about itself


@pytest.fixture
def replaying(store: Store, truth: FloatArray, tmp_path: Path) -> Iterator[tuple[TestClient, str]]:
    """Return a service whose champion is version 2, and the replay of a decision by version 1."""
    settings = Settings(artifacts=store.artifacts, dataset=DATASET)
    url = f"sqlite:///{tmp_path / 'decisions.db'}"
    store.add(first(truth))
    assert asked(store) == 0
    with serving(settings, url) as client:
        decision = client.post("/score", json=body(1)).json()["decision_id"]
    store.add(beside(truth, truth, truth))
    assert asked(store) == 0
    shutil.rmtree(store.artifacts / DATASET / "1")
    with serving(settings, url) as client:
        assert client.get("/model").json()["version"] == "2"
        yield client, f"/decisions/{decision}/replay"


def carried_out(store: Store) -> int:
    where = ["--dataset", DATASET, "--bundles", str(store.artifacts)]
    return deploy.main(["--requests", *where, PATIENT])


def replayed(client: TestClient, path: str, status: int) -> dict[str, Any]:
    answer = client.post(path)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_replay_brings_its_bundle_back_and_proves_equality(
    store: Store, replaying: tuple[TestClient, str], capsys: pytest.CaptureFixture[str]
) -> None:
    client, path = replaying
    assert replayed(client, path, 202)["fetch"]["status"] == "asked"
    assert carried_out(store) == 0
    assert "fetch 1 done: factory version 1 is there again to compare" in capsys.readouterr().out
    found = replayed(client, path, 200)
    assert (found["model_version"], found["equal"], found["missing"]) == ("1", True, [])
    artifacts = ArtifactFolder(store.artifacts)
    assert (artifacts.champion(DATASET).name, artifacts.challenger(DATASET)) == ("2", None)
    champion = store.registry.require_champion(DATASET)
    assert champion.version == client.get("/model").json()["version"] == "2"


def test_a_bundle_that_was_tampered_with_does_not_come_back(
    store: Store, replaying: tuple[TestClient, str]
) -> None:
    client, path = replaying
    for model in store.folder.glob(f"models/*/artifacts/bundle/{MODEL}"):
        model.write_bytes(b"damaged")
    assert replayed(client, path, 202)["equal"] is None
    assert carried_out(store) == 0
    found = replayed(client, path, 200)
    assert found["fetch"]["status"] == "refused"
    assert f"{MODEL} was changed or is damaged" in found["fetch"]["told"]
    assert not (store.artifacts / DATASET / "1").exists()


def test_what_never_answered_or_never_was_is_not_brought(
    store: Store, replaying: tuple[TestClient, str], truth: FloatArray
) -> None:
    store.add(beside(truth, truth, truth))
    folder = RequestFolder(ArtifactFolder(store.artifacts), DATASET)
    for version in ("3", "9"):
        said = (version, None, None, NOW.isoformat(), "to see")
        folder.keep(ModelRequest(request_id_of(NOW), "fetch", *said))
    assert carried_out(store) == 0
    told = {one.version: (one.status, one.told or "") for one in folder.all()}
    assert told["3"][0] == told["9"][0] == "refused"
    assert "version 3 is not exported: its gate is 'none'" in told["3"][1]
    assert "has no version 9" in told["9"][1]
