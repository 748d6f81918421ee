"""A challenger scores what was answered, off the answer's path, and is compared."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.moment import to_moment
from models.bundle.bundle import MODEL, Bundle
from models.bundle.folder import ArtifactFolder
from models.bundle.write import write_bundle
from service.app import create_app
from service.errors import StoreError
from service.parts import Parts
from service.settings import Settings
from service.shadow import Shadow
from service.store.database import open_engine, read_url
from service.store.shadows import add_shadows
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.factories import make_bundle, write_champion
from tests.service.conftest import NOW
from tests.service.statistics.test_shadow import shadowed
from tests.service.store.test_decisions import body, rows, serving

AT = to_moment(NOW)
LEADS = 16
AGREEMENT = """dataset = "factory"
version = "{}"
[lines]
mql = {{ probability = {} }}
sql = {{ probability = 0.9999 }}
"""


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    """Return a champion and a challenger that nobody has let through."""
    champion = make_bundle(seed=1, n_leads=500, trees=5, version="1")
    challenger = make_bundle(seed=2, n_leads=500, trees=5, version="2")
    deployment = replace(challenger.deployment, gate="none")
    return [champion, replace(challenger, deployment=deployment)]


@pytest.fixture
def own(tmp_path: Path, bundles: list[Bundle]) -> Settings:
    """Return settings of a champion and a challenger."""
    folder = ArtifactFolder(tmp_path / "artifacts")
    write_champion(folder.folder, bundles[0])
    write_bundle(folder.version("factory", "2"), bundles[1])
    folder.challenge("factory", "2")
    return Settings(artifacts=folder.folder, dataset="factory")


def parts_of(client: TestClient) -> Parts:
    found: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return found


def shadow_of(client: TestClient) -> Shadow:
    found = parts_of(client).shadow
    assert found is not None
    return found


def settled(client: TestClient) -> dict[str, Any]:
    """Return the comparison once nothing waits any more."""
    assert shadow_of(client).settle()
    answer = client.get("/shadow")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_decision_is_scored_by_both_and_compared(
    own: Settings, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "agreement.toml"
    path.write_text(AGREEMENT.format(1, 0.2))
    own = own.model_copy(update={"agreement": path})
    alone = Settings(artifacts=tmp_path / "alone", agreement=path)
    write_champion(alone.artifacts, make_bundle(seed=2, n_leads=500, trees=5, version="2"))
    with TestClient(create_app(alone, clock=lambda: NOW)) as client:
        by_challenger = [client.post("/score", json=body(n)).json() for n in range(LEADS)]
    with serving(own, url) as client:
        answers = [client.post("/score", json=body(n)).json() for n in range(3)]
        leads = [body(n) for n in range(3, LEADS)]
        batch = client.post("/score/batch", json={"leads": leads}).json()["results"]
        answers += [item["answer"] for item in batch]
        assert {one["model_version"] for one in answers} == {"1"}
        client.post("/score", json=body(LEADS, dry_run=True))
        found = settled(client)
    kept = {row[0]: tuple(row[1:]) for row in rows(url, KEPT)}
    for answer, other in zip(answers, by_challenger, strict=True):
        by_both = [(one["probability"], one["score"], one["label"]) for one in (answer, other)]
        versions = ("1", "2")
        assert kept[answer["decision_id"]] == (*by_both[0], *by_both[1], *versions)
    assert len(kept) == LEADS
    assert (found["challenger_version"], found["champion_versions"]) == ("2", ["1"])
    assert (found["compared"], found["leads"], found["dropped"]) == (LEADS, LEADS, 0)
    shifts = [
        other["score"] - one["score"] for one, other in zip(answers, by_challenger, strict=True)
    ]
    assert found["shift"]["mean"] == pytest.approx(sum(shifts) / LEADS)
    flipped = {
        one["lead_id"]: (one["label"], other["label"])
        for one, other in zip(answers, by_challenger, strict=True)
        if one["label"] != other["label"]
    }
    told = {
        one["lead_id"]: (one["champion_label"], one["challenger_label"])
        for one in found["flips"]["leads"]
    }
    assert told == flipped
    assert found["flips"]["decisions"] == len(flipped) > 0
    for model in ("champion", "challenger"):
        assert found["cost"]["clock"] == "cpu"
        assert found["cost"][model]["of"] >= 1
        assert found["cost"][model]["median_ms"] > 0.0


def test_the_cost_is_computing_time_and_each_model_goes_first_in_turn(
    own: Settings, url: str
) -> None:
    ticks = iter([0.0, 0.001, 0.001, 0.004] * 2)  # who goes first takes 1 ms, the other 3 ms
    with serving(own, url) as client:
        assert shadow_of(client)._timer is time.thread_time  # waiting does not count
        shadow_of(client)._timer = lambda: next(ticks)
        for number in range(2):
            client.post("/score", json=body(number))
            assert shadow_of(client).settle()
    found = rows(url, "SELECT champion_us, challenger_us FROM shadows ORDER BY champion_us")
    assert [tuple(row) for row in found] == [(1000, 3000), (3000, 1000)]


KEPT = """SELECT decision_id, champion_probability, champion_score, champion_label,
challenger_probability, challenger_score, challenger_label, champion_version, challenger_version
FROM shadows"""


def test_an_erased_lead_leaves_nothing_and_export_holds_the_comparison(
    own: Settings, url: str
) -> None:
    with serving(own, url) as client:
        client.post("/score", json=body(1))
        client.post("/score", json=body(2))
        settled(client)
        export = client.get("/leads/L-1/export").json()
        assert [one["challenger_version"] for one in export["shadows"]] == ["2"]
        assert client.delete("/leads/L-1").status_code == 204
        assert settled(client)["leads"] == 1
    assert [row[0] for row in rows(url, "SELECT lead_id FROM shadows")] == ["L-2"]


def test_what_comes_after_an_erasure_is_not_kept(own: Settings, url: str) -> None:
    with serving(own, url) as client:
        client.post("/score", json=body(1))
        settled(client)
    store = SqlStore(open_engine(read_url(url)))
    late = [shadowed(1), shadowed(2, "L-gone")]
    assert store.changing(lambda c: add_shadows(c, late, {("2", 0): 3})) == 1
    assert store.changing(lambda c: add_shadows(c, late, {("2", 0): 4})) == 1
    assert rows(url, "SELECT count(*) FROM shadows WHERE lead_id = 'L-gone'")[0][0] == 0
    assert rows(url, "SELECT decisions FROM shadows_dropped")[0][0] == 7
    store.close()


def test_what_does_not_fit_is_dropped_and_counted_and_answers_all_the_same(
    own: Settings, url: str
) -> None:
    with slow(own, url, most_waiting=2) as (client, release):
        leads = [body(n) for n in range(5)]
        answer = client.post("/score/batch", json={"leads": leads})
        assert [item["status"] for item in answer.json()["results"]] == [200] * 5
        assert client.post("/score", json=body(9)).status_code == 200
        release()
        found = settled(client)
        assert found["compared"] + found["dropped"] == 6
        assert found["dropped"] >= 3
        assert f"lead_scoring_shadow_dropped_total {found['dropped']}.0" in (
            client.get("/metrics").text
        )


@contextmanager
def slow(
    own: Settings, url: str, most_waiting: int
) -> Iterator[tuple[TestClient, Callable[[], None]]]:
    """Run a service whose comparison waits until it is let go on."""
    store = SqlStore(open_engine(read_url(url)))
    go = threading.Event()

    class Waits(SqlStore):
        def changing(self, change: Any) -> Any:
            if threading.current_thread().name == "shadow":
                go.wait()
            return super().changing(change)

    writer = GroupWriter(store)
    waits = Waits(open_engine(read_url(url)))
    app = create_app(own, sink=writer, store=waits, clock=lambda: NOW)
    shadow = app.state.parts.shadow
    shadow._most_waiting, shadow._gather_seconds = most_waiting, 0.0
    with TestClient(app, raise_server_exceptions=False) as client:
        try:
            yield client, go.set
        finally:
            go.set()
    writer.close()
    waits.close()


def test_a_store_that_fails_costs_the_comparison_alone(own: Settings, url: str) -> None:
    with serving(own, url) as client:
        shadow = shadow_of(client)
        store = shadow._store

        class Away:
            def changing(self, change: Any) -> Any:
                raise StoreError("away")

        shadow._store = Away()  # type: ignore[assignment]
        assert client.post("/score", json=body(1)).json()["recorded"] is True
        assert shadow.settle()
        assert (shadow.compared, shadow.dropped) == (0, 1)
        shadow._store = store
        client.post("/score", json=body(2))
        found = settled(client)
        assert (found["compared"], found["dropped"]) == (1, 1)


def test_the_challenger_is_taken_up_replaced_and_refused_without_a_restart(
    own: Settings, url: str, bundles: list[Bundle]
) -> None:
    folder = ArtifactFolder(own.artifacts)
    folder.challenge("factory", None)
    with serving(own, url) as client:
        shadow = shadow_of(client)
        assert "challenger_version" not in client.get("/health/ready").json()
        client.post("/score", json=body(1))
        assert settled(client)["compared"] == 0
        folder.challenge("factory", "2")
        shadow.refresh(own)
        assert client.get("/health/ready").json()["challenger_version"] == "2"
        client.post("/score", json=body(2))
        assert settled(client)["compared"] == 1
        other = replace(bundles[1], deployment=replace(bundles[1].deployment, version="3"))
        bad = write_bundle_of(folder, other)
        folder.challenge("factory", "3")
        (bad / MODEL).write_bytes(b"damaged")
        for _ in range(2):
            shadow.refresh(own)
        ready = client.get("/health/ready").json()
        assert (ready["status"], ready["challenger_version"]) == ("ready", None)
        assert f"{MODEL} was changed or is damaged" in ready["challenger_problem"]
        metrics = client.get("/metrics").text
        assert "lead_scoring_refused_challenger 1.0" in metrics
        assert "lead_scoring_challenger_refusals_total 1.0" in metrics
        assert client.post("/score", json=body(3)).status_code == 200
        found = settled(client)
        assert (found["compared"], found["challenger_version"]) == (1, "2")
        assert "damaged" in found["problem"]


def write_bundle_of(folder: ArtifactFolder, bundle: Bundle) -> Path:
    place = folder.version("factory", bundle.deployment.version)
    write_bundle(place, bundle)
    return place


def test_the_challenger_follows_another_agreement(own: Settings, url: str, tmp_path: Path) -> None:
    path = tmp_path / "agreement.toml"
    path.write_text(AGREEMENT.format(1, 0.0001))
    agreed = own.model_copy(update={"agreement": path})
    with serving(agreed, url) as client:
        shadow, holder = shadow_of(client), parts_of(client).holder
        before = shadow.challenger.served
        assert before is not None
        assert before.lines.mql == 0.0001
        path.write_text(AGREEMENT.format(2, 0.5))
        holder.refresh_agreement(agreed, NOW.date())
        shadow.refresh(agreed)
        after = shadow.challenger.served
        assert after is not None
        assert (after.agreement.version, after.lines.mql) == ("2", 0.5)


def test_without_a_store_nothing_is_compared(own: Settings) -> None:
    with TestClient(create_app(own, clock=lambda: NOW)) as client:
        assert client.post("/score", json=body(1)).status_code == 200
        assert client.get("/shadow").status_code == 404


def test_what_waits_is_compared_before_the_service_ends(own: Settings, url: str) -> None:
    store = SqlStore(open_engine(read_url(url)))
    writer = GroupWriter(store)
    app = create_app(own, sink=writer, store=store, clock=lambda: NOW)
    app.state.parts.shadow._gather_seconds = 60.0
    with TestClient(app) as client:
        for n in range(3):
            client.post("/score", json=body(n))
    writer.close()
    assert rows(url, "SELECT count(*) FROM shadows")[0][0] == 3
