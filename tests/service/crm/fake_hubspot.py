"""A HubSpot on this machine that takes only what is documented, and counts."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

BATCH = "/crm/v3/objects/contacts/batch/update"
OBJECTS = "/crm/v3/objects/"
PROPERTIES = "/crm/v3/properties/contacts"
MOST_INPUTS = 100
AT = "2026-01-02T00:00:00.000Z"


class FakeHubSpot:
    """What it holds, what it does next, and what it was told.

    `troubles` are answers (status, headers, body) to the next requests, before any is looked at;
    `locked` are contacts that it refuses for now.
    """

    def __init__(self, contacts: int, properties: set[str]) -> None:
        self.token = "pat-1"
        self.contacts: dict[str, dict[str, str]] = {str(n): {} for n in range(1, contacts + 1)}
        self.properties = dict.fromkeys(properties, "string")
        self.objects: dict[str, dict[int, dict[str, Any]]] = {}
        self.troubles: list[tuple[int, dict[str, str], dict[str, Any]]] = []
        self.down = False
        self.locked: set[str] = set()
        self.requests = 0
        self.taken: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    @property
    def times(self) -> Counter[str]:
        """How often each contact was changed."""
        return Counter(contact for contact, _ in self.taken)

    def answer(
        self, method: str, path: str, headers: Any, body: bytes
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Answer as HubSpot does."""
        self.requests += 1
        path, _, asked = path.partition("?")
        if self.down:
            return 503, {}, failed("SERVICE_UNAVAILABLE", "down")
        if self.troubles:
            return self.troubles.pop(0)
        if headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {}, failed("INVALID_AUTHENTICATION", "Authentication credentials not found")
        if (method, path) == ("GET", PROPERTIES):
            return 200, {}, {"results": [described(*one) for one in self.properties.items()]}
        if method == "GET" and path.startswith(OBJECTS):
            return self.listed(path.removeprefix(OBJECTS), parse_qs(asked))
        if (method, path) != ("POST", BATCH):
            return 404, {}, failed("OBJECT_NOT_FOUND", f"no {method} {path}")
        assert headers["Content-Type"] == "application/json"
        return self.update(json.loads(body))

    def listed(
        self, kind: str, asked: dict[str, list[str]]
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """List records of a kind, by their ids; properties that are not there are left out."""
        known = {"limit", "after", "properties", "propertiesWithHistory", "associations"}
        assert set(asked) <= known | {"archived"}, asked
        assert asked["archived"] == ["False"] or asked["archived"] == ["false"]
        dated = asked.get("propertiesWithHistory", [])
        limit, most = int(asked["limit"][0]), 50 if dated else 100
        if not 1 <= limit <= most:
            return 400, {}, failed("VALIDATION_ERROR", f"limit must be at most {most}")
        if kind not in self.objects:
            return 403, {}, failed("MISSING_SCOPES", f"no scope for {kind}")
        after = int(asked.get("after", ["0"])[0])
        rows = sorted((int(key), row) for key, row in self.objects[kind].items())
        left = [(key, row) for key, row in rows if key > after]
        results = [shown(key, row, asked) for key, row in left[:limit]]
        page: dict[str, Any] = {"results": results}
        if len(left) > limit:
            last = results[-1]["id"]
            page["paging"] = {
                "next": {"after": last, "link": f"https://api.hubapi.com?after={last}"}
            }
        return 200, {}, page

    def update(self, body: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Update a batch: all of it is refused for one wrong input, not for an unknown id."""
        assert set(body) == {"inputs"}
        inputs = body["inputs"]
        if not 1 <= len(inputs) <= MOST_INPUTS:
            return 400, {}, failed("VALIDATION_ERROR", "at most 100 inputs")
        ids = [one["id"] for one in inputs]
        if len(set(ids)) < len(ids):
            return 400, {}, failed("VALIDATION_ERROR", "Duplicate IDs found in batch input")
        unknown = {name for one in inputs for name in one["properties"]} - {*self.properties}
        if unknown:
            errors = [
                {
                    "message": f'Property "{name}" does not exist',
                    "code": "PROPERTY_DOESNT_EXIST",
                    "context": {"propertyName": [name]},
                }
                for name in sorted(unknown)
            ]
            return 400, {}, failed("VALIDATION_ERROR", "Property values were not valid", errors)
        for one in inputs:
            assert set(one) == {"id", "properties"}, one
            assert all(isinstance(value, str) for value in one["properties"].values())
        return self.written(inputs)

    def written(self, inputs: list[dict[str, Any]]) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Write what can be written, and name the rest."""
        results, missing, locked = [], [], []
        for one in inputs:
            if one["id"] not in self.contacts:
                missing.append(one["id"])
            elif one["id"] in self.locked:
                locked.append(one["id"])
            else:
                self.contacts[one["id"]] |= one["properties"]
                self.taken.append((one["id"], one["properties"]))
                held = {"id": one["id"], "properties": self.contacts[one["id"]]}
                results.append({**held, "createdAt": AT, "updatedAt": AT, "archived": False})
        done = {"status": "COMPLETE", "results": results, "startedAt": AT, "completedAt": AT}
        errors = [
            {"status": "error", "category": category, "message": "no", "context": {"ids": ids}}
            for category, ids in (("OBJECT_NOT_FOUND", missing), ("CONFLICT", locked))
            if ids
        ]
        if not errors:
            return 200, {}, done
        told = [one | {"id": "e", "errors": [], "links": {}} for one in errors]
        return 207, {}, done | {"numErrors": len(errors), "errors": told}


def shown(key: int, row: dict[str, Any], asked: dict[str, list[str]]) -> dict[str, Any]:
    """Return a record as it is listed: what was asked for, and no more."""
    told: dict[str, Any] = {"id": str(key), "createdAt": AT, "updatedAt": AT, "archived": False}
    told["properties"] = {
        name: row["properties"].get(name)
        for name in asked.get("properties", [])
        if name in row["properties"]
    }
    dated = asked.get("propertiesWithHistory", [])
    if dated:
        told["propertiesWithHistory"] = {
            name: row["history"].get(name, []) for name in dated if name in row["history"]
        }
    if "associations" in asked and row.get("contacts"):
        ids = [{"id": str(one), "type": "to_contact"} for one in row["contacts"]]
        told["associations"] = {"contacts": {"results": ids}}
    return told


def failed(category: str, message: str, errors: list[Any] | None = None) -> dict[str, Any]:
    """Return the body of an error."""
    body = {"status": "error", "message": message, "correlationId": "c-1", "category": category}
    return body if errors is None else body | {"errors": errors}


def limited() -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return what is answered once too much was asked."""
    told = {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c-1",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    return 429, {"Retry-After": "10"}, told


def described(name: str, kind: str) -> dict[str, Any]:
    """Return a property as it is listed."""
    return {
        "name": name,
        "label": name,
        "type": kind,
        "fieldType": "text",
        "description": "",
        "groupName": "contactinformation",
        "options": [],
    }


@contextmanager
def answering(fake: Any) -> Iterator[Any]:
    """Let a fake answer on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, answer = fake.answer(self.command, self.path, self.headers, body)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            told = {"Content-Type": "application/json;charset=utf-8", **headers}
            for name, value in {**told, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815 # the names of the base class

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
