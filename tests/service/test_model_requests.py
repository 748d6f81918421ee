"""The service asks for another version, and changes nothing by itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.bundle.folder import ArtifactFolder
from models.bundle.request_folder import RequestFolder
from service.access.scopes import scope_of
from service.app import create_app
from service.keys import main as make_key
from service.settings import Settings
from tests.factories import make_bundle, write_champion
from tests.service.conftest import NOW
from tests.service.store.test_decisions import serving

PROMOTE = {"action": "promote", "version": "2", "reason": "better on Referral"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings of a folder of its own."""
    folder = tmp_path_factory.mktemp("own")
    write_champion(folder, make_bundle(n_leads=300, trees=3))
    return Settings(artifacts=folder, dataset="factory")


@pytest.fixture
def asking(own: Settings) -> Iterator[TestClient]:
    """Return a client of a service that nobody has asked yet."""
    for path in (own.artifacts / "factory").glob("requests/*"):
        path.unlink()
    with TestClient(create_app(own, clock=lambda: NOW)) as client:
        yield client


def asked(client: TestClient, status: int = 200, **said: Any) -> dict[str, Any]:
    answer = client.post("/model/requests", json=PROMOTE | said)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_request_is_written_and_shown_and_nothing_changes(
    asking: TestClient, own: Settings
) -> None:
    one = asked(asking)
    assert (one["status"], one["asked_by"], one["told"], one["checks"]) == ("asked", None, None, [])
    two = asked(asking, action="rollback", version="1", reason="  calls\n go  down ")
    assert two["reason"] == "calls go down"
    shown = asking.get("/model/requests").json()["requests"]
    assert {entry["request_id"] for entry in shown} == {one["request_id"], two["request_id"]}
    kept = RequestFolder(ArtifactFolder(own.artifacts), "factory").open()
    assert {entry.version for entry in kept} == {"1", "2"}
    assert asking.get("/model").json()["version"] == "1"


def test_the_same_is_not_asked_twice_while_it_waits(asking: TestClient) -> None:
    asked(asking)
    again = asked(asking, status=409)
    assert again["detail"] == "version: to promote 2 was asked for already"
    for number in range(3, 22):
        asked(asking, version=str(number))
    assert "20 requests wait already" in asked(asking, status=409, version="99")["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "../../etc"},
        {"version": ""},
        {"version": "a/b"},
        {"reason": " \n "},
        {"reason": "x" * 501},
        {"action": "erase"},
        {"told": "granted"},
    ],
)
def test_what_is_no_request_is_refused(
    asking: TestClient, own: Settings, wrong: dict[str, str]
) -> None:
    assert asked(asking, status=422, **wrong)["error"] == "SchemaError"
    assert RequestFolder(ArtifactFolder(own.artifacts), "factory").all() == []


def test_only_an_admin_may_ask_and_the_request_names_the_key(
    own: Settings,
    asking: TestClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(own.artifacts))
    tokens = {}
    for name, scopes in (("anna", "admin"), ("bob", "read,write,agreement")):
        make = ["make", name, "--scopes", scopes, "--role", "analyst"]
        assert make_key(make, lambda: NOW) == 0
        tokens[name] = {"X-API-Key": capsys.readouterr().out.splitlines()[1]}
    assert scope_of("POST", "/model/requests") == "admin"
    assert scope_of("GET", "/model/requests") == "read"
    with serving(own, url) as client:
        refused = client.post("/model/requests", json=PROMOTE, headers=tokens["bob"])
        assert refused.status_code == 403
        taken = client.post("/model/requests", json=PROMOTE, headers=tokens["anna"]).json()
        assert (taken["asked_by"], taken["role"]) == ("anna", "analyst")
        shown = client.get("/model/requests", headers=tokens["bob"]).json()["requests"]
        assert [one["asked_by"] for one in shown] == ["anna"]
