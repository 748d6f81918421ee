"""A database that is gone, full or locked loses no lead, half-writes nothing, and comes back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.careful import check_careful
from tests.service.conftest import NOW
from tests.service.store.postgres import Postgres
from tests.service.store.test_decisions import body, counts, rows

AT = "2026-01-01T12:00:00Z"
WRITES: dict[str, dict[str, Any]] = {
    "/activities": {"lead_id": "L-1", "kind": "demo_request", "occurred_at": AT, "id": "v"},
    "/feedback": {"lead_id": "L-1", "accepted": True, "at": AT},
    "/contacts": {"lead_id": "L-1", "means": "phone", "reached": True, "at": AT},
    "/outcomes": {"lead_id": "L-1", "outcome": "won", "at": AT},
}
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
REFUSING, ANSWERING = "refuse", "answer"


@contextmanager
def serving(settings: Settings, url: str, *pragmas: str) -> Iterator[tuple[TestClient, SqlStore]]:
    """Run a service whose connections begin with some pragmas."""
    engine = open_engine(read_url(url))

    def prepare(connection: Any, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    if pragmas:
        event.listen(engine, "connect", prepare)
    store = SqlStore(engine)
    writer = GroupWriter(store)
    app = create_app(settings, sink=writer, store=store, clock=lambda: NOW)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, store
    writer.close()


def check_refused(client: TestClient, unrecorded: str) -> None:
    """Make sure that writes are refused clearly, and leads are answered for as the settings say."""
    answer = client.post("/score", json=body(1, lead_id="L-new"))
    if unrecorded == ANSWERING:
        assert (answer.status_code, answer.json()["recorded"]) == (200, False)
        assert answer.json()["decision_id"] is None
    else:
        assert (answer.status_code, answer.json()["error"]) == (503, "StoreError")
        assert int(answer.headers["Retry-After"]) > 0
        check_careful(answer.headers)
    for path, said in WRITES.items():
        refused = client.post(path, json=said)
        assert refused.status_code == 503, (path, refused.text)
        assert refused.json()["error"] == "StoreError"
        assert "L-1" not in refused.text
        assert refused.headers["Retry-After"]
        check_careful(refused.headers)


def check_recovered(client: TestClient, url: str) -> None:
    """Make sure that everything is taken again, without a restart."""
    assert client.post("/score", json=body(1, lead_id="L-new")).json()["recorded"] is True
    for path, said in WRITES.items():
        assert client.post(path, json=said).status_code == 200, path
    for table in ("feedback", "contacts", "outcomes"):
        assert rows(url, f"SELECT count(*) FROM {table}")[0][0] == 1, table


@pytest.mark.parametrize("unrecorded", [REFUSING, ANSWERING])
def test_a_locked_file_is_waited_for_and_then_said(
    settings: Settings, tmp_path: Path, unrecorded: str
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    own = settings.model_copy(update={"unrecorded": unrecorded})
    with serving(own, url, "busy_timeout=30") as (client, _):
        assert client.post("/score", json=body(1)).status_code == 200
        before = counts(url)
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        check_refused(client, unrecorded)
        other.execute("ROLLBACK")
        other.close()
        assert counts(url) == before
        check_recovered(client, url)


@pytest.mark.parametrize("unrecorded", [REFUSING, ANSWERING])
def test_a_full_database_takes_no_half_of_anything(
    settings: Settings, tmp_path: Path, unrecorded: str
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    own = settings.model_copy(update={"unrecorded": unrecorded})
    with serving(own, url) as (client, _):
        assert client.post("/score", json=body(1)).status_code == 200
    pages = rows(url, "PRAGMA page_count")[0][0]
    recorded = 1
    with serving(own, url, f"max_page_count={pages + 40}") as (client, store):
        for number in range(2000):
            answer = client.post("/score", json=body(1, lead_id=f"F-{number}"))
            if answer.status_code != 200 or not answer.json()["recorded"]:
                break
            recorded += 1
        assert 1 < recorded < 2000
        leads, values, _, decisions = counts(url)
        assert leads == decisions == recorded
        assert values == 20 * recorded
        lifted = store._engine.raw_connection()  # the limit is the connection's own
        lifted.execute(f"PRAGMA max_page_count={10**6}")
        lifted.close()
        check_recovered(client, url)


@pytest.mark.parametrize("unrecorded", [REFUSING, ANSWERING])
def test_a_server_that_is_gone_for_a_while_is_found_again(
    settings: Settings, postgres: Postgres, unrecorded: str
) -> None:
    name = f"gone_{unrecorded}"
    admin = open_engine(read_url(postgres.url())).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = postgres.url(name)
    assert make_url(url).database == name
    own = settings.model_copy(update={"unrecorded": unrecorded})
    with serving(own, url) as (client, _):
        assert client.post("/score", json=body(1)).status_code == 200
        before = counts(url)
        with admin.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                ),
                {"name": name},
            )
        check_refused(client, unrecorded)
        with admin.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
        assert counts(url) == before
        check_recovered(client, url)
    admin.dispose()
