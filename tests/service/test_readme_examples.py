"""What the READMEs send to the service is sent here, in their order, and answered as they say."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from models.bundle.deployment import Deployment
from models.bundle.write import redeploy_bundle
from service.app import create_app
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter

PROJECT = Path(__file__).parents[2]
HOST = "http://127.0.0.1:8000"
NOW = datetime(2026, 3, 4, tzinfo=UTC)
FILE = re.compile(r'"\$\(python -c \'.*?open\("([\w.]+)"\).*?\'\)"', re.DOTALL)

DESCRIBED = {
    "POST /score": {
        "probability",
        "score",
        "label",
        "reasons",
        "ledger",
        "evidence",
        "decision_id",
    },
    "POST /score/batch": {"results", "status", "answer", "error", "detail"},
    "PUT /leads/L-1042": {"label_before", "changed"},
    "POST /activities": {"label_before", "changed"},
    "GET /leads/L-1042": {"trend", "score"},
    "POST /feedback": {"new"},
    "POST /outcomes": {"new"},
    "POST /contacts": {"new"},
    "PUT /costs": {"changed"},
}
"""What the READMEs say that answers hold."""


@dataclass(frozen=True, slots=True)
class Example:
    """One call of curl, as it stands in a README."""

    method: str
    path: str
    body: str | None
    headers: dict[str, str]


def agreement() -> str:
    """Return the sample's agreement with an SQL line that any model has."""
    text = (PROJECT / "agreement.toml").read_text(encoding="utf-8")
    return re.sub(r"^sql = \{.*?\}", "sql = { lift = 3 }", text, flags=re.MULTILINE)


def examples(readme: str) -> list[Example]:
    """Return the calls of a README, in order."""
    text = (PROJECT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    calls = [
        call
        for block in blocks
        for call in re.split(r"^(?=curl )", block.replace("\\\n", ""), flags=re.MULTILINE)
        if call.startswith("curl ")
    ]
    return [example(call) for call in calls]


def example(call: str) -> Example:
    """Return what a call of curl asks."""
    found = FILE.search(call)
    body = None
    if found is not None:
        assert (PROJECT / found[1]).exists()
        body = json.dumps({"agreement": agreement()})
        call = call.replace(found[0], "FILE")
    words = iter(shlex.split(call, comments=True)[1:])
    method, path, headers = None, "", {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            sent = next(words)
            body = body if sent == "FILE" else sent
        elif word != "-s":
            assert word.startswith(HOST), word
            path = word.removeprefix(HOST)
    return Example(method or ("GET" if body is None else "POST"), path, body, headers)


@pytest.fixture
def place(tmp_path: Path, trained_bundle: Path) -> Iterator[TestClient]:
    """Return a client of a service with a model and the sample's agreement."""
    deployment = Deployment("1", None, NOW.isoformat(), "passed")
    redeploy_bundle(trained_bundle, tmp_path / "simulated" / "champion", deployment)
    (tmp_path / "agreement.toml").write_text(agreement(), encoding="utf-8")
    settings = Settings(
        artifacts=tmp_path,
        dataset="simulated",
        agreement=tmp_path / "agreement.toml",
    )
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'decisions.db'}")))
    writer = GroupWriter(store, relaxed=False)
    app = create_app(settings, sink=writer, store=store, clock=lambda: NOW)
    with TestClient(app) as client:
        yield client
    writer.close()


def fields(answer: Any) -> set[str]:
    """Return the names of an answer, those of its parts included."""
    if isinstance(answer, list):
        return set().union(*map(fields, answer))
    if isinstance(answer, dict):
        return set(answer) | set().union(*map(fields, answer.values()))
    return set()


def test_every_example_is_answered_in_order_and_as_described(place: TestClient) -> None:
    named: dict[str, set[str]] = {}
    for one in [*examples("README.md"), *examples("service/README.md")]:
        reply = place.request(one.method, one.path, content=one.body, headers=one.headers)
        assert reply.is_success, (one.method, one.path, reply.text)
        named[f"{one.method} {one.path}"] = fields(reply.json()) if reply.content else set()
    missing = {call: names - named[call] for call, names in DESCRIBED.items()}
    assert {call: names for call, names in missing.items() if names} == {}
