"""Two machines behind a balancer, on one PostgreSQL: no request needs the one that came before."""

import http.client
import json
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.bundle.bundle import Bundle
from service.keys import main as keys
from service.store.database import open_engine, read_url
from tests.factories import make_bundle, write_champion
from tests.service.store.postgres import Postgres
from tests.service.store.test_decisions import body, rows
from tests.service.test_process import environment, free_port, wait_until_ready

PATIENCE_SECONDS = 60.0
DEMO = {"lead_id": "L-1", "kind": "demo_request", "occurred_at": "2026-01-01T12:00:00Z"}
AGAIN = {"lead_id": "L-1", "as_of": "2026-01-01T14:00:00Z"}
CALL = {"lead_id": "L-1", "means": "phone", "reached": True, "at": "2026-01-01T13:00:00Z"}


class Machine:
    """A service with bundles of its own."""

    def __init__(self, artifacts: Path, bundle: Bundle, url: str) -> None:
        write_champion(artifacts, bundle)
        self.port = free_port()
        settings = {"dashboard": "off", "log_level": "warning", "artifacts": artifacts}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            env=environment(port=self.port, database_url=url, **settings),
        )

    def ask(
        self, token: str, method: str, path: str, said: object = None, **headers: str
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers |= {"Content-Type": "application/json", "X-API-Key": token}
        with closing(connection):
            connection.request(method, path, None if said is None else json.dumps(said), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


@pytest.fixture
def url(postgres: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Return the address of an empty database, on which commands work as well."""
    name = f"test_{secrets.token_hex(6)}"
    engine = open_engine(read_url(postgres.url()))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", postgres.url(name))
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(tmp_path / "0"))
    return postgres.url(name)


@pytest.fixture
def machines(tmp_path: Path, url: str) -> Iterator[list[Machine]]:
    """Return two that began at the same moment, on a database without tables."""
    bundle = make_bundle(n_leads=500)
    found = [Machine(tmp_path / str(number), bundle, url) for number in range(2)]
    try:
        for one in found:
            wait_until_ready(one.port, one.process)
        yield found
    finally:
        for one in found:
            one.process.terminate()
        assert all(one.process.wait(60) is not None for one in found)


def key_of(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Make a key; return its id and the key."""
    assert keys(["make", "crm", "--scopes", "score,read,write"]) == 0
    first, token = capsys.readouterr().out.splitlines()
    return first.split()[1], token


def wait_for(status: int, machine: Machine, token: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while machine.ask(token, "GET", "/leads/L-1")[0] != status:
        assert time.monotonic() < deadline, f"no answer was {status}"
        select.select([], [], [], 0.1)


def test_requests_may_reach_any_machine_and_one_may_die(
    machines: list[Machine], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = machines
    key_id, token = key_of(capsys)
    status, first = one.ask(token, "POST", "/score", body(1, activities=[]))
    assert (status, first["recorded"]) == (200, True)
    status, told = other.ask(token, "POST", "/activities", DEMO)
    assert (status, told["results"][0]["new"]) == (200, True)
    assert not one.ask(token, "POST", "/activities", DEMO)[1]["results"][0]["new"]
    said = [
        machine.ask(token, "POST", "/contacts", CALL, **{"Idempotency-Key": "call-1"})
        for machine in (one, other)
    ]
    assert said[0] == said[1]
    assert rows(url, "SELECT count(*) FROM contacts")[0][0] == 1
    decision = told["results"][0]["answer"]["decision_id"]
    assert one.ask(token, "GET", f"/decisions/{decision}")[0] == 200
    known, unknown = (
        [machine.ask(token, "POST", "/score", said)[1]["ledger"] for machine in (one, other)]
        for said in (AGAIN, AGAIN | {"lead_id": "L-2"})
    )
    assert known[0] == known[1] != unknown[0]

    decided = []
    for number in range(40):
        status, answer = (one, other)[number % 2].ask(token, "POST", "/score", body(number + 10))
        assert status == 200
        decided.append(answer["decision_id"])
        if number == 20:
            one.process.kill()
            one = other  # as the balancer does
    kept = {row[0] for row in rows(url, "SELECT decision_id FROM decisions")}
    assert set(decided) <= kept

    assert keys(["revoke", key_id]) == 0
    wait_for(401, other, token)
