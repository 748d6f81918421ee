"""What attackers send gets an ordinary answer, and changes nothing."""

import gzip
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

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
LEAD = body(1)
DEED = {"lead_id": "L-1", "kind": "chat", "occurred_at": MOMENT}
BODIES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("POST", "/score"): [LEAD],
    ("POST", "/score/batch"): [{"leads": [LEAD]}],
    ("POST", "/agreement/preview"): [{"agreement": ""}],
    ("PUT", "/leads/{lead_id}"): [{name: LEAD[name] for name in LEAD if name != "lead_id"}],
    ("POST", "/activities"): [DEED, {"activities": [DEED]}],
    ("POST", "/feedback"): [{"lead_id": "L-1", "accepted": False, "code": "no_budget"}],
    ("POST", "/outcomes"): [{"lead_id": "L-1", "outcome": "opportunity"}],
    ("POST", "/contacts"): [{"lead_id": "L-1", "means": "phone", "reached": False}],
    ("POST", "/agreements"): [{"agreement": ""}],
    ("POST", "/agreements/{version}/sign"): [{"role": "sales", "name": "Kim"}],
    ("POST", "/model/requests"): [{"action": "promote", "version": "2", "reason": "better"}],
}
"""What each route takes."""
FILES = {("PUT", "/costs"): "text/csv"}
"""Routes that take a file of another kind."""
BELIEVED = {"/crm/webhook", "/crm/dynamics", "/crm/hubspot", "/crm/odoo", "/crm/salesforce"}
"""Routes that take bodies of other systems, and nothing that is not signed."""
PLACES = {"{lead_id}": "L-1", "{decision_id}": "D-1", "{version}": "1"}
DEEP = b'{"lead_id":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
WIDE = b'{"lead_id":"L-1",' + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}"
MARK = "zq7marked"
Step = str | int
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


def filled(path: str) -> str:
    """Return a path with something in each place."""
    for place, value in PLACES.items():
        path = path.replace(place, value)
    return path


WRITES = [(method, filled(path)) for method, path in (*BODIES, *FILES)]


def texts_in(schema: Any, document: Any, above: tuple[str, ...] = ()) -> set[tuple[Step, ...]]:
    """Return where a schema takes a text: names, "*" for any name, 0 for an item of a list."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        there = () if name in above else document["components"]["schemas"][name]
        return texts_in(there, document, (*above, name)) if there else set()
    found: set[tuple[Step, ...]] = {()} if schema.get("type") == "string" else set()
    inside: list[tuple[tuple[Step, ...], Any]] = [
        ((), one) for kind in ("anyOf", "oneOf", "allOf") for one in schema.get(kind, ())
    ]
    inside += [((name,), one) for name, one in schema.get("properties", {}).items()]
    inside += [((0,), schema["items"])] if "items" in schema else []
    more = schema.get("additionalProperties")
    inside += [(("*",), more)] if isinstance(more, dict) else []
    for start, one in inside:
        found |= {(*start, *rest) for rest in texts_in(one, document, above)}
    return found


def put(base: Any, way: tuple[Step, ...], text: str) -> Any:
    """Return a body with a text at a place, which need not have been there."""
    if not way:
        return text
    step, *rest = way
    if step == 0:
        there = base[0] if isinstance(base, list) and base else None
        return [put(there, tuple(rest), text)]
    known = dict(base) if isinstance(base, dict) else {}
    names = [*known, text] if step == "*" else [step]
    return known | {name: put(known.get(name), tuple(rest), text) for name in names}


def begins(base: Any, way: tuple[Step, ...]) -> bool:
    """Return whether the lists on a way are there."""
    return 0 not in way or (way[0] in base and isinstance(base[way[0]], list))


def requests_with(text: str, document: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return a request for each text that the service takes by its description, with another."""
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            bodies = BODIES.get((method.upper(), path), [{}])
            for one in about.get("parameters", ()):
                if () not in texts_in(one["schema"], document):
                    continue
                where, plain = filled(path), text.replace("\r\n", " ")
                if one["in"] == "path":
                    where = filled(path.replace(f"{{{one['name']}}}", quote(text, safe="")))
                content = {
                    "query": {"params": {one["name"]: text}},
                    "header": {"headers": {one["name"]: plain}},
                }.get(one["in"], {})
                yield method.upper(), where, {"json": bodies[0], **content}
            if (method.upper(), path) in BODIES:
                schema = about["requestBody"]["content"]["application/json"]["schema"]
                for way in sorted(texts_in(schema, document), key=str):
                    base = next((one for one in bodies if begins(one, way)), bodies[0])
                    yield method.upper(), filled(path), {"json": put(base, way, text)}


def test_every_route_that_takes_a_body_is_attacked(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    taking = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, about in methods.items()
        if "requestBody" in about and path not in BELIEVED
    }
    assert taking == {*BODIES, *FILES}
    asked = [(m, p) for m, p, _ in requests_with("x", document)]
    assert asked.count(("POST", "/score")) >= 15
    assert len(asked) >= 100


def test_a_text_in_any_field_is_a_text_and_no_command(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        assert client.post("/score", json=body(2)).status_code == 200
        document = client.get("/openapi.json").json()
        for text in INJECTIONS:
            asked = sorted(requests_with(text, document), key=lambda one: one[0] != "DELETE")
            for method, path, content in asked:
                answer = client.request(method, path, **content)
                assert answer.status_code < 500, (method, path, content)
                assert DONE not in answer.text, (method, path)
                assert "set-cookie" not in answer.headers
                is_json = answer.headers["Content-Type"].startswith("application/json")
                assert is_json or path == "/metrics"
        assert client.get("/leads/L-2").status_code == 200
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
