"""What a CRM posts is believed when it is signed, and counts once; what is posted is signed."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from features.moment import to_moment
from service.access.webhook_signature import (
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    Webhook,
    check_signature,
    signature_of,
)
from service.app import create_app
from service.crm.drain import Drain, drained
from service.crm.field_map import read_fields
from service.crm.settings import CrmSettings
from service.crm.webhook_out import WebhookOut
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.crm.conftest import Time, decision
from tests.service.crm.fake_hubspot import answering

SECRET = "0123456789abcdef"
LEAD = {"id": "51", "channel": "Referral", "created_at": "2026-01-01T00:00:00Z"}
DEMO = {"kind": "demo_requested", "occurred_at": "2026-01-01T09:00:00Z", "id": "E-7"}


@pytest.fixture
def crm(settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    """Return a service that has agreed on a secret."""
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    agreed = CrmSettings(webhook_secret=SecretStr(SECRET))
    app = create_app(settings, sink=writer, store=store, clock=lambda: NOW, crm=agreed)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    writer.close()


def post(client: TestClient, record: Any, nonce: str, *, late: int = 0, spoil: str = "") -> Any:
    body = json.dumps(record).encode()
    stamp = str(int(NOW.timestamp()) - late)
    hook = Webhook("POST", "/crm/webhook", {}, body)
    signature = signature_of(SECRET.encode(), stamp, nonce, hook)
    headers = {TIMESTAMP: stamp, NONCE: nonce, SIGNATURE: signature + spoil}
    headers["Content-Type"] = "application/json"
    return client.post("/crm/webhook", content=body, headers=headers)


def kinds(client: TestClient) -> list[str]:
    timeline = client.get("/leads/51").json()["timeline"]
    return [item["kind"] for item in timeline if item["what"] == "activity"]


def test_a_signed_lead_is_stored_scored_and_counts_once(crm: TestClient) -> None:
    first = post(crm, LEAD | {"activities": [DEMO]}, "n" * 16)
    assert first.status_code == 200, first.text
    assert first.json()["lead_id"] == "51"
    assert first.json()["decision_id"] == crm.get("/leads/51").json()["decision_id"]
    assert post(crm, LEAD | {"activities": [DEMO]}, "n" * 16).status_code == 409
    again = post(crm, LEAD | {"activities": [DEMO]}, "m" * 16)
    assert again.json()["score"] == first.json()["score"]
    assert kinds(crm) == ["demo_requested"]


def test_activities_may_come_in_any_order(crm: TestClient) -> None:
    early = {"kind": "page_viewed", "occurred_at": "2026-01-01T08:00:00Z", "id": "E-6"}
    for number, told in enumerate((DEMO, early, DEMO)):
        assert post(crm, {"id": 51, "activities": [told]}, f"{number:016d}").status_code == 200
    assert kinds(crm) == ["page_viewed", "demo_requested"]


def test_what_is_not_signed_or_old_is_refused(crm: TestClient) -> None:
    assert post(crm, LEAD, "a" * 16, spoil="0").status_code == 401
    assert post(crm, LEAD, "a" * 16, late=301).status_code == 401
    assert crm.post("/crm/webhook", json=LEAD).status_code == 401
    assert crm.get("/leads/51").status_code == 404


def test_one_that_failed_may_come_again(crm: TestClient) -> None:
    assert post(crm, {"id": "51", "activities": [{"kind": 5}]}, "b" * 16).status_code == 422
    assert crm.get("/leads/51").status_code == 404
    assert post(crm, LEAD, "b" * 16).status_code == 200


class Receiver:
    """Takes what is posted, where it is signed as agreed."""

    def __init__(self, time: Time) -> None:
        self.time, self.url = time, ""
        self.taken: list[dict[str, Any]] = []
        self.troubles: list[tuple[int, dict[str, str], dict[str, Any]]] = []

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Any:
        sent = {name.lower(): value for name, value in headers.items()}
        hook = Webhook(method, path, sent, body)
        check_signature(SECRET.encode(), hook, to_moment(self.time()))
        if self.troubles:
            return self.troubles.pop(0)
        self.taken.append(json.loads(body))
        return 200, {}, {}


def test_what_is_posted_is_signed_and_posted_once(store: SqlStore, time: Time) -> None:
    store.write([decision(f"L-{n}", time(), 30 + n) for n in range(30)])
    with answering(Receiver(time)) as receiver:
        receiver.troubles = [(429, {"Retry-After": "7"}, {}), (422, {}, {})]
        out = WebhookOut(f"{receiver.url}/in", SECRET, read_fields("webhook"), time)
        drain = Drain(store, out, time, Random(1))
        waited = drained(drain, time.pass_by)
        assert waited.wait_seconds == 7
        time.pass_by(7)
        assert drained(drain, time.pass_by)[:2] == (29, 1)
    assert sorted(one["score"] for one in receiver.taken) == [*range(31, 60)]
