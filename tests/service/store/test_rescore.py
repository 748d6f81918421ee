"""Leads are scored again because time has passed."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.fresh import in_turn
from service.holder import ModelHolder, load_served
from service.parts import Parts
from service.rescore import Rescored, main, rescore_store
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving

LATER = NOW + timedelta(days=60)


def again(settings: Settings, url: str, at: datetime, older_than: timedelta) -> Rescored:
    store = SqlStore(open_engine(read_url(url)))
    return asyncio.run(rescore_store(settings, store, lambda: at, older_than))


def test_only_what_comes_out_otherwise_is_kept(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        for seed in range(1, 9):
            client.post("/score", json=body(seed, lead_id=f"L-{seed}"))
        client.post("/outcomes", json={"lead_id": "L-8", "outcome": "lost"})
        then = [client.get(f"/leads/L-{seed}").json()["score"] for seed in range(1, 9)]
    day = timedelta(days=1)
    assert again(settings, url, NOW, day + day) == (0, 0)
    first = again(settings, url, LATER, day)
    assert first.leads == 7  # all that are open
    assert first.changed > 0
    assert again(settings, url, LATER, day) == (7 - first.changed, 0)
    with serving(settings, url) as client:
        now = [client.get(f"/leads/L-{seed}").json()["score"] for seed in range(1, 9)]
    assert sum(a != b for a, b in zip(then, now, strict=True)) == first.changed
    assert rows(url, "SELECT count(*) FROM decisions")[0][0] == 8 + first.changed


def test_of_two_services_one_scores_again(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1))

    async def serve(at: datetime) -> None:
        holder = ModelHolder()
        holder.swap(load_served(settings, NOW.date()))
        store = SqlStore(open_engine(read_url(url)))
        writer = GroupWriter(store)
        parts = Parts(settings, holder, writer, lambda: at, store)
        await in_turn(parts, at)
        writer.close()

    def looked_at() -> int:
        return int(rows(url, "SELECT count(*) FROM decisions")[0][0])

    asyncio.run(serve(LATER))
    assert looked_at() == 2
    asyncio.run(serve(LATER + timedelta(hours=23)))
    assert looked_at() == 2
    taken = rows(url, "SELECT name, until FROM leases ORDER BY name")
    assert [row[0] for row in taken] == ["rescore", "retention"]
    asyncio.run(serve(LATER + timedelta(days=40)))
    assert rows(url, "SELECT min(until) FROM leases")[0][0] > max(row[1] for row in taken)


def test_the_command_says_what_it_did(
    settings: Settings,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1))
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    assert main([], lambda: LATER) == 0
    assert capsys.readouterr().out == "1 leads scored again, 1 came out otherwise\n"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", "none")
    assert main([], lambda: LATER) == 2
    assert "LEAD_SCORING_DATABASE_URL is none" in capsys.readouterr().err


def test_a_broken_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("LEAD_SCORING_RESCORE_HOURS", "often")
    assert main([], lambda: LATER) == 2
    assert "LEAD_SCORING_RESCORE_HOURS" in capsys.readouterr().err
