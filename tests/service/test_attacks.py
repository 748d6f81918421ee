"""What attackers send gets an ordinary answer, and changes nothing."""

import gzip
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.logs import set_up_logs
from service.settings import Settings
from tests.service.store.test_decisions import body, rows, serving

INJECTIONS = (
    "'; DROP TABLE leads; --",
    "' OR '1'='1",
    '" UNION SELECT digest FROM keys --',
    "{{7919*7907}}${7919*7907}<%= 7919*7907 %>#{7919*7907}",
    "{0.__class__.__init__.__globals__}%(lead_id)s%s%n",
    "<script>alert(1)</script>",
    "a\r\nSet-Cookie: own=1337\r\n\r\nb",
    "../../../../etc/passwd",
    "=cmd|'/c calc'!A1",
)
DONE = str(7919 * 7907)
"""What a template that is carried out would show."""
MOMENT = "2026-01-01T00:00:00Z"
WRITES = (
    ("POST", "/score"),
    ("POST", "/score/batch"),
    ("POST", "/agreement/preview"),
    ("PUT", "/leads/L-1"),
    ("POST", "/activities"),
    ("POST", "/feedback"),
    ("POST", "/outcomes"),
    ("POST", "/contacts"),
    ("POST", "/agreements"),
    ("POST", "/agreements/1/sign"),
    ("POST", "/model/requests"),
)
DEEP = b'{"lead_id":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
WIDE = b'{"lead_id":"L-1",' + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}"
MARK = "zq7marked"
PERSON = {"name": MARK, "a14_email": f"{MARK}@firm-7.example", "phone": f"+1 202 555 {MARK}"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def zipped(content: bytes) -> bytes:
    """Return a ZIP archive."""
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lead.json", content)
    return place.getvalue()


def requests_with(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return a request for each string field that the service takes, with a text in it."""
    lead = body(1)
    for field in ("lead_id", "channel", "source", "account_id", "contact_id", "owner"):
        yield "POST", "/score", {"json": lead | {field: text}}
    for field in ("as_of", "created_at", "previous_label", "handed_over_at", "episode"):
        yield "POST", "/score", {"json": lead | {field: text}}
    everything = dict.fromkeys(lead["attributes"], text)
    yield "POST", "/score", {"json": lead | {"attributes": everything}}
    yield "POST", "/score", {"json": lead | {"attributes": {text: text}}}
    yield "POST", "/score", {"json": lead | {"activities": [{"kind": text, "occurred_at": MOMENT}]}}
    yield "PUT", "/leads/L-1", {"json": {"attributes": everything, "source": text}}
    known = {"lead_id": "L-1"}
    deed = known | {"kind": "chat", "occurred_at": MOMENT}
    for field in ("lead_id", "kind", "activity_id", "actor", "channel"):
        yield "POST", "/activities", {"json": deed | {field: text}}
    verdict = known | {"accepted": False, "code": "no_budget"}
    for field in ("lead_id", "code", "text", "decision_id", "at"):
        yield "POST", "/feedback", {"json": verdict | {field: text}}
    for field in ("lead_id", "outcome", "at", "value"):
        yield "POST", "/outcomes", {"json": known | {"outcome": "opportunity"} | {field: text}}
    for field in ("lead_id", "means", "at"):
        call = known | {"means": "phone", "reached": False}
        yield "POST", "/contacts", {"json": call | {field: text}}
    yield "POST", "/agreements", {"json": {"agreement": text}}
    yield "POST", "/agreement/preview", {"json": {"agreement": text}}
    yield "POST", "/agreements/1/sign", {"json": {"role": text, "name": text}}
    for path in ("/worklist", "/statistics/funnel", "/statistics/labels", "/score"):
        names = ("label", "owner", "channel", "since", "until", "limit", "lang", "strict", "key")
        method = "POST" if path == "/score" else "GET"
        yield method, path, {"params": dict.fromkeys(names, text), "json": lead}
    headers = {"X-Request-ID": text, "Accept-Language": text, "Idempotency-Key": text}
    shown = {name: value.replace("\r\n", " ") for name, value in headers.items()}
    yield "POST", "/feedback", {"json": verdict, "headers": shown | {"User-Agent": MARK}}


def test_a_text_in_any_field_is_a_text_and_no_command(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        assert client.post("/score", json=body(1)).status_code == 200
        for text in INJECTIONS:
            for method, path, content in requests_with(text):
                answer = client.request(method, path, **content)
                assert answer.status_code < 500, (method, path, content)
                assert DONE not in answer.text, (method, path)
                assert "set-cookie" not in answer.headers
                assert answer.headers["Content-Type"].startswith("application/json")
        assert client.get("/leads/L-1").status_code == 200
    [[kept]] = rows(url, "SELECT count(*) FROM leads WHERE lead_id = 'L-1'")
    assert kept == 1
    named = {row[0] for row in rows(url, "SELECT lead_id FROM leads")}
    assert set(INJECTIONS[:3]) <= named  # stored as it was sent, letter by letter


@pytest.mark.parametrize("shown", INJECTIONS)
def test_a_path_with_a_command_finds_nothing(client: TestClient, shown: str) -> None:
    for start in ("/leads/", "/decisions/", "/agreements/", "/static-offline-docs/"):
        answer = client.request("GET", start + shown.replace("\r\n", "%0d%0a"))
        assert answer.status_code in (404, 405, 422, 503), (start, shown)
        assert "root:" not in answer.text


def test_a_header_that_breaks_the_line_does_not_come_back(client: TestClient) -> None:
    for shown in (b"a\r\nX-Own: 1", b"a%0d%0aX-Own: 1", b"a\x00b", b"x" * 65):
        answer = client.get("/health/live", headers={b"X-Request-ID": shown})
        assert shown.decode() != answer.headers["X-Request-ID"]
        assert "x-own" not in answer.headers


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("bomb", [DEEP, b"[" * 200_000, WIDE], ids=["deep", "open", "wide"])
def test_a_bomb_of_json_is_refused_by_every_route(
    settings: Settings, url: str, method: str, path: str, bomb: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    with serving(settings, url) as client:
        answer = client.request(method, path, content=bomb, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text[:200]
        assert set(answer.json()) == {"error", "detail"}
        assert len(answer.content) < 1000


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_packed_body_is_never_unpacked(
    settings: Settings, url: str, method: str, path: str
) -> None:
    plain = json.dumps({"lead_id": "L-1", "attributes": {"x": "a" * 20_000_000}}).encode()
    with serving(settings, url) as client:
        for packed, kind in ((gzip.compress(plain), "gzip"), (zipped(plain), "deflate")):
            headers = {"Content-Type": "application/json", "Content-Encoding": kind}
            answer = client.request(method, path, content=packed, headers=headers)
            assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_no_route_takes_a_body_over_the_limit(
    settings: Settings, url: str, method: str, path: str
) -> None:
    content = b'{"lead_id":"' + b"a" * 21_000_000 + b'"}'
    with serving(settings, url) as client:
        headers = {"Content-Type": "application/json"}
        answer = client.request(method, path, content=content, headers=headers)
        assert answer.status_code == 413, answer.text[:200]
        parts = (b" " * 1_000_000 for _ in range(21))
        streamed = client.request(method, path, content=parts, headers=headers)
        assert (streamed.status_code, streamed.json()["error"]) == (413, "BodyTooLargeError")


def test_no_route_tells_a_marked_person_to_logs_metrics_or_the_store(
    settings: Settings, url: str
) -> None:
    root, own = logging.getLogger(), logging.getLogger("lead_scoring")
    before, stream = (root.handlers[:], root.level, own.level), io.StringIO()
    set_up_logs("debug", stream)
    try:
        with serving(settings, url) as client:
            client.post("/score", json=body(1) | {"attributes": PERSON})
            for path, methods in client.get("/openapi.json").json()["paths"].items():
                for method in methods:
                    named = path.replace("{lead_id}", MARK).replace("{decision_id}", MARK)
                    for content in (PERSON, {"lead_id": {"x": MARK}, **PERSON}, [MARK]):
                        params, headers = {"since": MARK, MARK: MARK}, {"User-Agent": MARK}
                        answer = client.request(
                            method, named.format(version=MARK), json=content, params=params
                        )
                        assert answer.status_code < 500, (method, path)
                        client.request(method, f"{named}/{MARK}", json=content, headers=headers)
            metrics = client.get("/metrics").text
    finally:
        root.handlers[:], root.level, own.level = before
    assert MARK not in metrics
    assert MARK not in stream.getvalue()
    for (table,) in rows(url, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        assert MARK not in repr([tuple(row) for row in rows(url, f"SELECT * FROM {table}")]), table
    assert MARK.encode() not in Path(url.removeprefix("sqlite:///")).read_bytes()
