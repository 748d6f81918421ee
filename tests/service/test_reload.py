"""Another champion answers without a gap, and a bad one is refused."""

import gc
import os
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.bundle import manifest
from models.bundle.bundle import DEPLOYMENT, MANIFEST, MODEL, Bundle
from models.bundle.checksums import write_sums
from models.bundle.deployment import Deployment
from models.bundle.folder import ArtifactFolder
from models.bundle.golden import Golden
from models.bundle.write import store_lines
from service.app import create_app
from service.holder import ModelHolder
from service.settings import Settings
from tests.factories import make_bundle, make_request, write_champion
from tests.service.conftest import NOW

CALLERS = 3
WARM_UP = 12
"""Swaps before memory is looked at: all that is made once was made."""
MOST_MB = 6.0
BAD = {
    "tampered": f"{MODEL} was changed or is damaged",
    "gate": "version 4 must not answer: its gate is 'none'",
    "format": "manifest.json has the format 99, this version reads",
    "golden": "golden lead 1 of 3 comes out differently here",
    "half": "checksums.json is not there",
}
"""Versions that must not answer, and why."""


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    """Return two versions that answer differently."""
    return [make_bundle(seed=seed, version=str(seed)) for seed in (1, 2)]


def spoilt(folder: Path, bundle: Bundle, how: str) -> str:
    """Write a version that must not answer; return its name."""
    version = str(3 + list(BAD).index(how))
    deployment = replace(bundle.deployment, version=version)
    if how == "gate":
        deployment = Deployment(version, None, deployment.exported_at, "none")
    golden = bundle.golden
    if how == "golden":
        first = replace(golden.leads[0], score=golden.leads[0].score + 1)
        golden = Golden(golden.processor, (first, *golden.leads[1:]))
    place = write_champion(folder, replace(bundle, deployment=deployment, golden=golden))
    if how == "tampered":
        (place / MODEL).write_bytes(b"damaged")
    if how == "format":
        text = (place / MANIFEST).read_text(encoding="utf-8")
        old = f'"format": {manifest.FORMAT}'
        assert old in text
        (place / MANIFEST).write_text(text.replace(old, '"format": 99'), encoding="utf-8")
        write_sums(place, None)
    if how == "half":
        (place / "checksums.json").unlink()
    return version


@pytest.fixture
def own(tmp_path: Path, bundles: list[Bundle]) -> Settings:
    """Return settings of a folder in which both versions are, and bad ones."""
    for bundle in reversed(bundles):
        write_champion(tmp_path, bundle)
    for how in BAD:
        spoilt(tmp_path, bundles[0], how)
    ArtifactFolder(tmp_path).crown("factory", "1")
    return Settings(artifacts=tmp_path, dataset="factory")


def bad_version(how: str) -> str:
    return str(3 + list(BAD).index(how))


@pytest.mark.parametrize("how", BAD)
def test_a_crowned_version_answers_and_a_bad_one_is_refused(own: Settings, how: str) -> None:
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    holder.load(own, NOW.date())
    assert holder.served.model_version == "1"
    folder.crown("factory", "2")
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.problem) == ("2", None)
    folder.crown("factory", bad_version(how))
    for _ in range(2):
        holder.refresh_model(own, NOW.date())
        assert holder.served.model_version == "2"
        assert holder.problem is not None
        assert BAD[how] in holder.problem
    assert holder.refusals == 1
    folder.crown("factory", "1")
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.problem) == ("1", None)


@pytest.mark.parametrize("how", BAD)
def test_a_service_that_starts_with_a_bad_version_says_so(own: Settings, how: str) -> None:
    ArtifactFolder(own.artifacts).crown("factory", bad_version(how))
    strict = own.model_copy(update={"without_model": "refuse"})
    with TestClient(create_app(strict, clock=lambda: NOW)) as client:
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (503, "no model")
        assert BAD[how] in ready.json()["problem"]
        assert "lead_scoring_refused_bundle 1.0" in client.get("/metrics").text
        assert client.post("/score", json=make_request(1)).status_code == 503


@pytest.mark.parametrize("gate", ["passed", "forced"])
def test_what_the_gate_let_through_or_somebody_forced_answers(
    tmp_path: Path, bundles: list[Bundle], gate: Any
) -> None:
    deployment = replace(bundles[0].deployment, gate=gate)
    write_champion(tmp_path, replace(bundles[0], deployment=deployment))
    holder = ModelHolder()
    holder.load(Settings(artifacts=tmp_path), NOW.date())
    assert holder.served.about["gate"] == gate


def test_rates_may_answer_but_no_model_that_calls_itself_rates(
    tmp_path: Path, bundles: list[Bundle]
) -> None:
    own, holder = Settings(artifacts=tmp_path, dataset="factory"), ModelHolder()
    write_champion(tmp_path, make_bundle(basis="rates", n_leads=300, trees=1, version="9"))
    holder.load(own, NOW.date())
    assert holder.served.about["basis"] == "rates"
    deployment = replace(bundles[0].deployment, gate="rates")
    write_champion(tmp_path, replace(bundles[0], deployment=deployment))
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.refusals) == ("9", 1)


def test_a_version_that_is_looked_at_while_it_is_written_is_looked_at_again(own: Settings) -> None:
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    holder.load(own, NOW.date())
    place = folder.crown("factory", "2")
    deployment = (place / DEPLOYMENT).read_text(encoding="utf-8")
    (place / DEPLOYMENT).write_text(deployment + " ", encoding="utf-8")
    holder.refresh_model(own, NOW.date())
    assert holder.served.model_version == "1"
    (place / DEPLOYMENT).write_text(deployment, encoding="utf-8")
    store_lines(place, {})
    holder.refresh_model(own, NOW.date())
    assert (holder.served.model_version, holder.problem) == ("2", None)


def test_who_looks_at_the_same_moment_looks_once(own: Settings) -> None:
    holder, folder, looks = ModelHolder(), ArtifactFolder(own.artifacts), 8
    holder.load(own, NOW.date())
    folder.crown("factory", bad_version("tampered"))
    together = Barrier(looks)

    def look(_: int) -> None:
        together.wait()
        holder.refresh_model(own, NOW.date())

    with ThreadPoolExecutor(looks) as pool:
        list(pool.map(look, range(looks)))
    assert holder.refusals == 1


def test_a_model_that_comes_later_is_taken_up(own: Settings) -> None:
    champion = own.artifacts / "factory" / "champion"
    champion.unlink()
    holder = ModelHolder()
    holder.load(own, NOW.date())
    assert not holder.ready
    ArtifactFolder(own.artifacts).crown("factory", "2")
    holder.refresh_model(own, NOW.date())
    assert holder.served.model_version == "2"


def test_nothing_holds_a_model_that_no_longer_answers(own: Settings) -> None:
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    with TestClient(create_app(own, holder=holder, clock=lambda: NOW)) as client:
        assert client.post("/score", json=make_request(1)).status_code == 200
        before = weakref.ref(holder.served.scorer)
        folder.crown("factory", "2")
        holder.refresh_model(own, NOW.date())
        assert client.post("/score", json=make_request(1)).json()["model_version"] == "2"
        gc.collect()
        assert before() is None


def resident_mb() -> float:
    """Return the memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize("swaps", [24, pytest.param(200, marks=pytest.mark.prove)])
def test_no_request_fails_no_answer_mixes_versions_and_memory_stays(
    own: Settings, swaps: int
) -> None:
    """Good and bad versions are crowned in turn while callers ask without a pause."""
    holder, folder = ModelHolder(), ArtifactFolder(own.artifacts)
    holder.load(own, NOW.date())
    body = make_request(1) | {"as_of": "2026-01-01T00:00:00Z"}
    expected: dict[str, float] = {}
    order = [
        "1",
        *map(bad_version, ("tampered", "gate")),
        "2",
        *map(bad_version, ("format", "half")),
    ]
    over = Event()
    with TestClient(create_app(own, holder=holder, clock=lambda: NOW)) as client:

        def crown(version: str) -> None:
            folder.crown("factory", version)
            holder.refresh_model(own, NOW.date())

        for version in ("1", "2"):
            crown(version)
            expected[version] = client.post("/score", json=body).json()["probability"]
        ask = asking(client, body, expected, over)
        after_warm_up = 0.0
        with ThreadPoolExecutor(CALLERS) as pool:
            asked = [pool.submit(ask) for _ in range(CALLERS)]
            try:
                for swap in range(swaps):
                    crown(order[swap % len(order)])
                    if swap == WARM_UP:
                        after_warm_up = resident_mb()
                grown = resident_mb() - after_warm_up
            finally:
                over.set()
            seen = set().union(*(one.result() for one in asked))
    assert expected["1"] != expected["2"]
    assert seen == {(200, True, "1"), (200, True, "2")}
    assert holder.refusals == sum(order[swap % len(order)] not in expected for swap in range(swaps))
    assert grown < MOST_MB


def asking(
    client: TestClient, body: dict[str, Any], expected: dict[str, float], over: Event
) -> Callable[[], set[tuple[int, bool, str]]]:
    """Return what asks again and again, and tells which kinds of answers it has seen."""

    def ask() -> set[tuple[int, bool, str]]:
        seen = set()
        while not over.is_set():
            answer = client.post("/score", json=body)
            found = answer.json()
            version = str(found.get("model_version"))
            right = found.get("probability") == expected.get(version)
            seen.add((answer.status_code, right, version))
        return seen

    return ask
