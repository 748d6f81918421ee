"""Keys open what they are for, and nothing else."""

import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.access.keyring import Keyring
from service.access.scopes import SCOPES, scope_of
from service.access.token import digest_of, new_token
from service.app import create_app
from service.crm.registry import CRMS
from service.errors import UnauthorizedError
from service.keys import main
from service.settings import Settings
from service.startup import access_problem
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from tests.service.careful import check_careful
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> str:
    """Return the address of a database that the commands work on, too."""
    address = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", address)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    return address


def make(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Make a key; return its id and the key."""
    assert main(["make", "crm", *arguments], lambda: NOW) == 0
    first, token = capsys.readouterr().out.splitlines()
    return first.split()[1], token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_any_key_this_machine_may_ask(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        assert client.post("/score", json=body(1)).status_code == 200


def test_a_key_opens_its_scopes_alone(
    settings: Settings, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, token = make(capsys, "--scopes", "score")
    _, other = make(capsys, "--scopes", "admin")
    with serving(settings, url) as client:
        missing = client.post("/score", json=body(1))
        assert (missing.status_code, missing.json()["error"]) == (401, "UnauthorizedError")
        assert missing.headers["WWW-Authenticate"] == "Bearer"
        check_careful(missing.headers)
        assert client.post("/score", json=body(1), headers=bearer(token)).status_code == 200
        by_header = {"X-API-Key": token}
        assert client.post("/score", json=body(1), headers=by_header).status_code == 200
        refused = client.get("/leads/L-1", headers=bearer(token))
        assert (refused.status_code, refused.json()["detail"]) == (
            403,
            "this key lacks the scope 'read'",
        )
        check_careful(refused.headers)
        assert client.get("/leads/L-1", headers=bearer(other)).status_code == 200
        assert client.get(f"/leads/L-1?key={other}").status_code == 401
        for path in ("/health/live", "/docs", "/openapi.json"):
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("shown", ["", "lsk_", "Bearer", "lsk_" + "x" * 43, "\u00e9", "x" * 9000])
def test_a_wrong_key_opens_nothing(
    settings: Settings, url: str, capsys: pytest.CaptureFixture[str], shown: str
) -> None:
    make(capsys, "--scopes", "score")
    with serving(settings, url) as client:
        header = {b"Authorization": f"Bearer {shown}".encode("latin-1")}
        assert client.post("/score", json=body(1), headers=header).status_code == 401


def test_a_revoked_or_expired_key_opens_nothing_in_a_running_service(
    settings: Settings, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key_id, token = make(capsys, "--scopes", "score")
    _, short = make(capsys, "--scopes", "score", "--days", "1")
    store = SqlStore(open_engine(read_url(url)))
    now = [NOW]
    keyring = Keyring(store, lambda: now[0])
    keyring.refresh()
    assert keyring.admit(token, "score") is not None
    assert keyring.admit(short, "score") is not None
    assert main(["revoke", key_id], lambda: NOW) == 0
    keyring.refresh()
    keyring.note_uses()
    now[0] = NOW + timedelta(days=1)
    for shown in (token, short):
        with pytest.raises(UnauthorizedError, match="has expired, or was revoked"):
            keyring.admit(shown, "score")
    assert keyring.asks  # revoking the last key does not open the door
    assert main(["list"], lambda: NOW) == 0
    said = capsys.readouterr().out
    assert "revoked" in said
    assert "2026-01-02 00:00Z" in said  # used last
    store.close()


def test_a_key_is_not_stored(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, token = make(capsys, "--scopes", "score,write", "--role", "sales")
    [row] = rows(url, "SELECT name, digest, scopes, role FROM keys")
    assert tuple(row) == ("crm", digest_of(token), "score write", "sales")
    kept = Path(url.removeprefix("sqlite:///"))
    held = b"".join(path.read_bytes() for path in kept.parent.glob("store.db*"))
    assert token.encode() not in held
    assert len({new_token() for _ in range(100)}) == 100


def test_without_a_key_the_service_does_not_listen_elsewhere(
    url: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    store = SqlStore(open_engine(read_url(url)))
    wide = settings.model_copy(update={"host": "0.0.0.0"})
    assert access_problem(settings, store) is None
    assert "there are no keys" in str(access_problem(wide, store))
    assert "there are no keys" in str(access_problem(wide, None))
    with TestClient(create_app(wide, store=store, clock=lambda: NOW)) as client:
        assert client.post("/score", json=body(1)).status_code == 401
    make(capsys, "--scopes", "score")
    assert access_problem(wide, store) is None
    store.close()


def test_every_route_needs_a_scope_unless_it_tells_nothing(settings: Settings) -> None:
    app = create_app(settings)
    found: dict[str, Any] = {}
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            found[f"{method.upper()} {path}"] = scope_of(method.upper(), path)
    opened = {name for name, scope in found.items() if scope is None}
    signed = {f"POST /crm/{crm}" for crm in CRMS}
    assert opened == {"GET /health/live", "GET /health/ready"} | signed
    assert set(found.values()) - {None} <= set(SCOPES)
    assert found["POST /score"] == "score"
    assert found["POST /feedback"] == "write"
    assert found["GET /worklist"] == "read"
    admin = {name for name, scope in found.items() if scope == "admin"}
    of_leads = {"DELETE /leads/{lead_id}", "GET /leads/{lead_id}/export"}
    assert admin <= {*of_leads, "POST /model/requests"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["make", "crm", "--scopes", "all"], "expected some of score,write"),
        (["make", "crm", "--scopes", ""], "expected some of score,write"),
        (["revoke", "nobody"], "there is no such key"),
    ],
)
def test_a_wrong_command_says_what_was_expected(
    url: str, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments, lambda: NOW) == 2
    assert message in capsys.readouterr().err


def test_while_the_keys_cannot_be_read_leads_alone_may_be_scored(
    settings: Settings, tmp_path: Path
) -> None:
    blocked = f"sqlite:///{tmp_path}"  # a folder
    lenient = settings.model_copy(update={"unrecorded": "answer"})
    with serving(lenient, blocked) as client:
        assert client.post("/score", json=body(1)).status_code == 200
        assert client.get("/leads/L-1").status_code == 503
        assert client.get("/model").status_code == 503
    with serving(settings, blocked) as client:
        assert client.post("/score", json=body(1)).status_code == 503


def test_a_full_database_does_not_keep_a_revoked_key_open(
    settings: Settings, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key_id, token = make(capsys, "--scopes", "score")
    engine = open_engine(read_url(url))
    store = SqlStore(engine)
    keyring = Keyring(store, lambda: NOW)
    keyring.refresh()
    keyring.admit(token, "score")
    assert main(["revoke", key_id], lambda: NOW) == 0
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # nobody else writes
    keyring.refresh()
    with pytest.raises(UnauthorizedError, match="was revoked"):
        keyring.admit(token, "score")
    other.execute("ROLLBACK")
    other.close()
    store.close()


@pytest.mark.parametrize("name", ["key", "api_key", "x-api-key", "token", "authorization"])
def test_a_key_in_the_address_opens_nothing(
    settings: Settings, url: str, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    _, token = make(capsys, "--scopes", "admin")
    with serving(settings, url) as client:
        for shown in (token, f"Bearer {token}"):
            assert client.post("/score", json=body(1), params={name: shown}).status_code == 401
            assert client.get("/worklist", params={name: shown}).status_code == 401
        client.cookies.set(name, token)
        assert client.get("/worklist").status_code == 401


def test_keys_are_looked_up_by_their_hash_alone(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, token = make(capsys, "--scopes", "score")
    store = SqlStore(open_engine(read_url(url)))
    keyring = Keyring(store, lambda: NOW)
    keyring.refresh()
    assert token not in repr(vars(keyring))
    for near in (token[:-1], token + "x", token.swapcase(), digest_of(token)):
        with pytest.raises(UnauthorizedError, match="not known"):
            keyring.admit(near, "score")
    store.close()


@pytest.mark.prove
def test_a_key_that_is_nearly_right_is_refused_as_fast_as_any_other(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, token = make(capsys, "--scopes", "score")
    store = SqlStore(open_engine(read_url(url)))
    keyring = Keyring(store, lambda: NOW)
    keyring.refresh()
    near = token[:-1] + ("a" if token[-1] != "a" else "b")
    tried = {"near": near, "far": new_token(), "other": new_token()}
    took: dict[str, list[int]] = {name: [] for name in tried}
    for _ in range(20_000):  # in turn, so that what else the machine does is alike for all
        for name, shown in tried.items():
            started = perf_counter_ns()
            with suppress(UnauthorizedError):
                keyring.admit(shown, "score")
            took[name].append(perf_counter_ns() - started)
    store.close()
    near_ns, far_ns, other_ns = (median(took[name]) for name in ("near", "far", "other"))
    # two strangers differ by chance; a comparison letter by letter would show beside that
    assert abs(near_ns - far_ns) <= max(3 * abs(far_ns - other_ns), 0.05 * far_ns)
