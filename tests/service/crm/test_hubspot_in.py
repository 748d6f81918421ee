"""HubSpot's webhooks are believed when signed, and tell the same in any order, however often."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from service.app import create_app
from service.crm.settings import CrmSettings
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW

SECRET = "a-client-secret"
URL = "https://leads.example/crm/hubspot?of=%2Fcontacts"
DECODED = "https://leads.example/crm/hubspot?of=/contacts"
OWN = """
[incoming.attributes]
numberofemployees = "a0_number"
industry = "a6_category"
"""
HOUR = 3_600_000


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[tuple[TestClient, SqlStore]]:
    """Return a service that knows the app's secret, and its store."""
    (tmp_path / "own.toml").write_text(OWN)
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    agreed = CrmSettings(
        hubspot_client_secret=SecretStr(SECRET),
        hubspot_webhook_url=URL,
        hubspot_fields=tmp_path / "own.toml",
    )
    made = create_app(settings, sink=writer, store=store, clock=lambda: NOW, crm=agreed)
    with TestClient(made, raise_server_exceptions=False) as client:
        yield client, store
    writer.close()


def event(kind: str, at: int, contact: int = 51, **told: Any) -> dict[str, Any]:
    """Return an event as HubSpot tells it, so many hours ago."""
    occurred = round(NOW.timestamp() * 1000) - at * HOUR
    return {
        **{"eventId": occurred % 10**9, "subscriptionId": 12345, "portalId": 62515, "appId": 54321},
        **{"occurredAt": occurred, "subscriptionType": f"contact.{kind}", "attemptNumber": 0},
        **{"objectId": contact, "changeSource": "CRM", **told},
    }


def changed(name: str, value: str, at: int, contact: int = 51) -> dict[str, Any]:
    return event("propertyChange", at, contact, propertyName=name, propertyValue=value)


def post(client: TestClient, events: Any, *, late: float = 0.0, spoil: bool = False) -> Any:
    """Post events, signed as HubSpot's documentation says."""
    body = json.dumps(events).encode()
    stamp = str(round((NOW - timedelta(seconds=late)).timestamp() * 1000))
    source = b"POST" + DECODED.encode() + body + stamp.encode()
    digest = hmac.new(SECRET.encode(), source, hashlib.sha256).digest()
    headers = {
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
        "X-HubSpot-Request-Timestamp": stamp,
        "Content-Type": "application/json",
    }
    sent = body + b" " if spoil else body
    return client.post("/crm/hubspot?of=%2Fcontacts", content=sent, headers=headers)


EVENTS = [
    event("creation", 50, changeFlag="NEW"),
    changed("numberofemployees", "40", 49),
    changed("numberofemployees", "250", 40),
    changed("industry", "Retail", 39),
    changed("hs_analytics_source", "PAID_SEARCH", 38),
    changed("hs_email_last_click_date", str(round(NOW.timestamp() * 1000) - 30 * HOUR), 30),
    changed("lifecyclestage", "opportunity", 20),
    changed("lifecyclestage", "customer", 10),
    changed("lead_scoring_score", "71", 9),
]


def kept(store: SqlStore, lead_id: str = "hubspot-51") -> dict[str, Any]:
    """Return what is kept of a lead but for decisions, which are made when something comes."""
    from service.store.erasure import export_lead

    told = store.reading(lambda c: export_lead(c, lead_id))
    [lead] = told["leads"]
    shown = ("created_at", "channel", "outcome", "outcome_at", "opportunity_at")
    return {
        "lead": {name: lead[name] for name in shown} | {"now": json.loads(lead["attributes"])},
        "values": sorted((v["name"], v["known_at"], v["value"]) for v in told["attribute_values"]),
        "activities": [(a["kind"], a["occurred_at"]) for a in told["activities"]],
    }


def test_events_make_a_lead_with_values_activities_and_outcome(
    app: tuple[TestClient, SqlStore],
) -> None:
    client, store = app
    answer = post(client, EVENTS)
    assert (answer.status_code, answer.json()) == (200, {"leads": 1}), answer.text
    lead = client.get("/leads/hubspot-51").json()
    assert lead["attributes"]["a0_number"] == 250
    assert set(lead["attributes"]) == {"a0_number", "a6_category"}
    assert kept(store)["lead"]["outcome"] == "won"
    kinds = [one["kind"] for one in lead["timeline"] if one["what"] == "activity"]
    assert kinds == ["email_clicked"]
    assert lead["created_at"] == (NOW - timedelta(hours=50)).isoformat().replace("+00:00", "Z")
    assert lead["decision_id"]


def test_any_order_and_any_repetition_tell_the_same(app: tuple[TestClient, SqlStore]) -> None:
    client, store = app
    assert post(client, EVENTS).status_code == 200
    wanted = kept(store)
    random = Random(1)
    for contact in range(100, 112):
        own = [one | {"objectId": contact} for one in EVENTS]
        told = own + random.sample(own, 4)
        random.shuffle(told)
        for some in parts(told):
            assert post(client, some).status_code == 200
        assert kept(store, f"hubspot-{contact}") == wanted


def parts(told: list[Any]) -> Iterator[list[Any]]:
    """Return a list in parts of three."""
    for start in range(0, len(told), 3):
        yield told[start : start + 3]


def test_what_is_known_already_makes_no_decision(app: tuple[TestClient, SqlStore]) -> None:
    client, _ = app
    post(client, EVENTS)
    first = client.get("/leads/hubspot-51").json()["decision_id"]
    assert post(client, EVENTS).json() == {"leads": 0}
    assert client.get("/leads/hubspot-51").json()["decision_id"] == first


def test_what_is_not_signed_or_old_is_refused(app: tuple[TestClient, SqlStore]) -> None:
    client, _ = app
    assert post(client, EVENTS, late=299).status_code == 200
    for answer in (
        post(client, EVENTS, late=301),
        post(client, EVENTS, late=-301),
        post(client, EVENTS, spoil=True),
        client.post("/crm/hubspot", json=EVENTS),
    ):
        assert answer.status_code == 401
    assert post(client, {"no": "list"}).status_code == 422
    assert post(client, [{"subscriptionType": "contact.creation"}]).status_code == 422
    assert post(client, [event("creation", 1, objectTypeId="0-3")]).json() == {"leads": 0}


def test_a_contact_that_was_deleted_is_erased_and_stays_so(
    app: tuple[TestClient, SqlStore],
) -> None:
    client, _ = app
    post(client, EVENTS)
    assert post(client, [event("privacyDeletion", 2), event("deletion", 2)]).status_code == 200
    assert client.get("/leads/hubspot-51").status_code == 404
    assert post(client, EVENTS).json() == {"leads": 0}
    assert client.get("/leads/hubspot-51").status_code == 404


def test_without_a_secret_nothing_is_believed(settings: Settings) -> None:
    with TestClient(create_app(settings, clock=lambda: NOW, crm=CrmSettings())) as client:
        for crm in ("hubspot", "salesforce"):
            assert client.post(f"/crm/{crm}", content=b"[]").status_code == 401
