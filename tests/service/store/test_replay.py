"""A decision comes out again from what was kept of it."""

import zlib
from pathlib import Path

import pytest
from pydantic_core import to_json

from models.bundle.folder import ArtifactFolder
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
        gone = client.post(path).json()
    assert gone["equal"] is None
    assert gone["missing"] == ["model version 1: its bundle is not in the artifacts"]


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
