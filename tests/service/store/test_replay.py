"""A decision comes out again from what was kept of it."""

import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_core import to_json

from models.bundle.folder import ArtifactFolder
from models.bundle.request_folder import RequestFolder
from service.settings import Settings
from service.store.content import opened
from service.store.database import open_engine, read_url
from tests.factories import make_bundle, write_champion
from tests.service.store.test_decisions import body, rows, serving


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Return settings with a folder of bundles of their own."""
    write_champion(tmp_path / "artifacts", make_bundle())
    return Settings(artifacts=tmp_path / "artifacts", dataset="factory")


def test_decisions_come_out_again_to_the_bit(settings: Settings, url: str) -> None:
    leads = [body(seed, activities=[]) for seed in range(3)] + [body(seed) for seed in range(3)]
    leads.append(body(1, previous_label="SQL", handed_over_at="2025-12-30T00:00:00Z"))
    with serving(settings, url) as client:
        for lead in leads:
            answer = client.post("/score?lang=zh", json=lead).json()
            found = client.post(f"/decisions/{answer['decision_id']}/replay").json()
            assert found["differences"] == []
            assert (found["equal"], found["exact"], found["missing"]) == (True, True, [])


def test_an_earlier_version_decides_again_while_its_bundle_is_there(
    own: Settings, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with serving(own, url) as client:
        answer = client.post("/score", json=body(1)).json()
    write_champion(own.artifacts, make_bundle(seed=5, version="2"))
    path = f"/decisions/{answer['decision_id']}/replay"
    with serving(own, url) as client:
        assert client.get("/model").json()["version"] == "2"
        assert client.post(path).json()["equal"] is True
        for file in ArtifactFolder(own.artifacts).version("factory", "1").iterdir():
            if file.is_file():
                file.unlink()
        gone = client.post(path)
    assert (gone.status_code, gone.json()["equal"]) == (202, None)
    assert gone.json()["missing"] == ["model version 1: its bundle is not in the artifacts"]


def gone_bundle(own: Settings, url: str) -> str:
    """Let the bundle that made a decision be gone; return the path of the decision's replay."""
    with serving(own, url) as client:
        answer = client.post("/score", json=body(1)).json()
    write_champion(own.artifacts, make_bundle(seed=5, version="2"))
    shutil.rmtree(ArtifactFolder(own.artifacts).version("factory", "1"))
    return f"/decisions/{answer['decision_id']}/replay"


def test_a_bundle_that_is_gone_is_asked_for_once(own: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    path = gone_bundle(own, url)
    folder = RequestFolder(ArtifactFolder(own.artifacts), "factory")
    with serving(own, url) as client:
        first, again = client.post(path), client.post(path)
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.headers["Retry-After"]
        [wish] = folder.all()
        assert (wish.action, wish.version, wish.status) == ("fetch", "1", "asked")
        assert first.json()["fetch"] == again.json()["fetch"]
        assert first.json()["fetch"]["request_id"] == wish.request_id
        folder.keep(replace(wish, status="refused", told="no such version"))
        refused = client.post(path)
        assert refused.status_code == 200
        assert refused.json()["fetch"]["told"] == "no such version"
        assert len(folder.all()) == 1
        folder.keep(replace(wish, status="done"))  # and gone again since
        assert client.post(path).status_code == 202
    assert {one.status for one in folder.all()} == {"asked", "done"}


def test_where_nothing_can_be_asked_for_a_replay_says_so(own: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    path = gone_bundle(own, url)
    (own.artifacts / "factory" / "requests").write_text("in the way", encoding="utf-8")
    with serving(own, url) as client:
        found = client.post(path)
    assert (found.status_code, found.json()["fetch"]) == (200, None)
    assert "the bundle cannot be asked for: " in found.json()["missing"][1]


def test_what_comes_out_otherwise_is_named(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with serving(settings, url) as client:
        answer = client.post("/score", json=body(1)).json()
        kept = opened(bytes(rows(url, "SELECT content FROM decisions")[0][0]))
        kept["answer"]["ledger"]["fit"] += 1.0
        kept["answer"]["label"] = "disqualified"
        put_back(url, zlib.compress(to_json(kept)))
        found = client.post(f"/decisions/{answer['decision_id']}/replay").json()
    assert found["equal"] is False
    assert [one["place"] for one in found["differences"]] == ["label", "ledger.fit"]


def put_back(url: str, content: bytes) -> None:
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET content = ?", (content,))
    engine.dispose()
