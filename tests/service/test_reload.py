"""Another champion answers without a gap, and a bad one is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from starlette.testclient import TestClient

from models.bundle.bundle import MODEL, Bundle
from models.bundle.folder import ArtifactFolder
from service.app import create_app
from service.holder import ModelHolder
from service.settings import Settings
from tests.factories import make_bundle, make_request, write_champion
from tests.service.conftest import NOW

CALLERS = 3


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    """Return two versions that answer differently."""
    return [make_bundle(seed=seed, version=str(seed)) for seed in (1, 2)]


@pytest.fixture
def own(tmp_path: Path, bundles: list[Bundle]) -> Settings:
    """Return settings of a folder in which both versions are, and a bad one."""
    for bundle in reversed(bundles):
        write_champion(tmp_path, bundle)
    bad = write_champion(tmp_path, make_bundle(seed=3, version="3"))
    (bad / MODEL).write_bytes(b"damaged")
    ArtifactFolder(tmp_path).crown("factory", "1")
    return Settings(artifacts=tmp_path, dataset="factory")


def test_a_crowned_version_answers_and_a_damaged_one_is_refused(own: Settings) -> None:
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    holder.load(own, NOW.date())
    assert holder.served.model_version == "1"
    folder.crown("factory", "2")
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.problem) == ("2", None)
    folder.crown("factory", "3")
    for _ in range(2):
        holder.refresh_model(own, NOW.date())
        assert holder.served.model_version == "2"
        assert holder.problem is not None
        assert MODEL in holder.problem
    folder.crown("factory", "1")
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.problem) == ("1", None)


def test_a_model_that_comes_later_is_taken_up(own: Settings) -> None:
    champion = own.artifacts / "factory" / "champion"
    champion.unlink()
    holder = ModelHolder()
    holder.load(own, NOW.date())
    assert not holder.ready
    ArtifactFolder(own.artifacts).crown("factory", "2")
    holder.refresh_model(own, NOW.date())
    assert holder.served.model_version == "2"


@pytest.mark.parametrize("swaps", [12, pytest.param(200, marks=pytest.mark.prove)])
def test_no_request_fails_and_no_answer_mixes_versions(own: Settings, swaps: int) -> None:
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    holder.load(own, NOW.date())
    body = make_request(1) | {"as_of": "2026-01-01T00:00:00Z"}
    expected: dict[str, float] = {}
    over = Event()
    with TestClient(create_app(own, holder=holder, clock=lambda: NOW)) as client:
        for version in ("1", "2"):
            folder.crown("factory", version)
            holder.refresh_model(own, NOW.date())
            expected[version] = client.post("/score", json=body).json()["probability"]

        def ask(_: int) -> set[tuple[int, bool, str]]:
            seen = set()
            while not over.is_set():
                answer = client.post("/score", json=body)
                found = answer.json()
                version = str(found.get("model_version"))
                right = found.get("probability") == expected.get(version)
                seen.add((answer.status_code, right, version))
            return seen

        with ThreadPoolExecutor(CALLERS) as pool:
            asked = [pool.submit(ask, caller) for caller in range(CALLERS)]
            try:
                for swap in range(swaps):
                    folder.crown("factory", ("1", "3", "2")[swap % 3])
                    holder.refresh_model(own, NOW.date())
            finally:
                over.set()
            seen = set().union(*(one.result() for one in asked))
    assert expected["1"] != expected["2"]
    assert seen <= {(200, True, "1"), (200, True, "2")}
    assert len(seen) == 2
