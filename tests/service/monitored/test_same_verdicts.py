"""`python -m training.monitor` says of an export what GET /monitoring says of the store."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.export import main as export
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.factories import make_request
from tests.service.conftest import NOW
from tests.service.store.test_decisions import serving
from training.monitor import main as monitor

AGREEMENT = """dataset = "factory"
version = "7"
[lines]
mql = { precision = 0.2 }
sql = { probability = 0.5 }
[service.MQL]
first_contact_minutes = 600
least_attempts = 4
[service.SQL]
first_contact_minutes = 30
kept_share = 0.8
"""
AT_ONCE = 50
OLD, NEW = 400, 700
"""Leads whose horizon is over, and such as came in the last weeks."""
PROMISES = {"precision", "acceptance", "contact", "attempts"}


@pytest.fixture(scope="module")
def agreed(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings of a service with an agreement that promises something."""
    path = tmp_path_factory.mktemp("agreed") / "agreement.toml"
    path.write_text(AGREEMENT, encoding="utf-8")
    return settings.model_copy(update={"agreement": path})


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def store(agreed: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store that the real service filled, over half a year."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}"
    opened, clock = SqlStore(open_engine(read_url(url))), Clock()
    writer = GroupWriter(opened)
    app = create_app(agreed, sink=writer, store=opened, clock=clock)
    with TestClient(app) as client:
        leads, labels = [], []
        for start in range(0, OLD + NEW, AT_ONCE):
            clock.now = moment(start)
            group = [lead(seed) for seed in range(start, start + AT_ONCE)]
            answer = client.post("/score/batch", json={"leads": group})
            labels += [one["answer"]["label"] for one in answer.json()["results"]]
            leads += group
        clock.now = NOW
        post = {
            "/outcomes": [told for told in map(outcome, leads) if told],
            "/contacts": contacts(leads, labels),
            "/feedback": verdicts(leads, labels),
        }
        for path, bodies in post.items():
            for body in bodies:
                told = client.post(path, json=body)
                assert told.status_code == 200, told.text
    writer.close()
    return url


def moment(seed: int) -> datetime:
    """Return when a lead is scored."""
    group = seed // AT_ONCE
    days = 200 - group if seed < OLD else 26 - (group - OLD // AT_ONCE)
    return NOW - timedelta(days=days)


def lead(seed: int) -> dict[str, Any]:
    """Return a lead that came some minutes before; the newest lack a field."""
    as_of = moment(seed)
    sent = make_request(seed) | {"activities": []}
    sent |= {"created_at": (as_of - timedelta(minutes=7)).isoformat()}
    if seed >= OLD + NEW - 300:
        del sent["attributes"]["a6_category"]
    return sent | {"as_of": as_of.isoformat()}


def came(sent: Mapping[str, Any], **later: float) -> str:
    return (datetime.fromisoformat(sent["as_of"]) + timedelta(**later)).isoformat()


def outcome(sent: Mapping[str, Any]) -> dict[str, Any] | None:
    seed = int(sent["lead_id"][2:])
    if seed >= OLD and seed % 9:
        return None
    found = "won" if seed < OLD and seed % 8 == 0 else "lost"
    return {
        "lead_id": sent["lead_id"],
        "outcome": found,
        "at": came(sent, days=1 + seed % 3, hours=3),
    }


def handed(leads: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[Mapping[str, Any]]:
    return [one for one, label in zip(leads, labels, strict=True) if label in ("MQL", "SQL")]


def contacts(leads: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return attempts: soon for some, late for others, one or two each."""
    found = []
    for number, one in enumerate(handed(leads, labels)):
        for attempt in range(1 + number % 2):
            at = came(one, minutes=(20, 900)[number % 3 > 0] + 60 * attempt)
            reached = number % 5 == 0
            found.append(
                {"lead_id": one["lead_id"], "means": "phone", "reached": reached, "at": at}
            )
    return found


def verdicts(leads: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Return what sales say: they took most of the old ones, and hardly any of the new ones."""
    found = []
    for number, one in enumerate(handed(leads, labels)):
        yes = number % 4 > 0 if int(one["lead_id"][2:]) < OLD else number % 4 == 0
        said = {"lead_id": one["lead_id"], "accepted": yes, "at": came(one, hours=20)}
        found.append(said if yes else said | {"code": "no_need"})
    return found


def test_an_export_gets_the_verdicts_that_the_service_gives(
    agreed: Settings,
    store: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(agreed, store) as client:
        there = client.get("/monitoring").json()
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(agreed.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", store)
    monkeypatch.setenv("LEAD_SCORING_AGREEMENT", str(agreed.agreement))
    assert export(["--out", str(tmp_path)]) == 0
    capsys.readouterr()
    options = ["--leads", str(tmp_path / "leads.csv"), "--bundles", str(agreed.artifacts)]
    assert monitor([*options, "--now", NOW.isoformat(), "--json"]) == 0
    here = json.loads(capsys.readouterr().out)
    assert {one["check"] for one in here["checks"]} >= PROMISES | {"emptied", "inputs", "scores"}
    assert {one["check"] for one in here["checks"] if one["verdict"] == "act"} >= PROMISES
    assert here == {name: there[name] for name in here}
