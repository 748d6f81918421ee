"""Webhooks of every CRM come by one way: verified, kept in any order, scored."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from service.app import create_app
from service.crm.registry import CRMS
from service.crm.settings import CrmSettings
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW

SECRET = "0123456789abcdef"


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    """Return a service that knows Odoo's secret."""
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    agreed = CrmSettings(odoo_webhook_secret=SecretStr(SECRET))
    app = create_app(settings, sink=writer, store=store, clock=lambda: NOW, crm=agreed)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made
    writer.close()


def test_every_crm_with_webhooks_has_a_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    wanted = {f"/crm/{name}" for name, crm in CRMS.items() if crm.receiver is not None}
    assert wanted | {"/crm/webhook"} == {path for path in paths if path.startswith("/crm/")}


def test_a_lead_of_odoo_is_kept_and_scored(client: TestClient) -> None:
    came, changed = (NOW - timedelta(days=days) for days in (9, 2))
    body: dict[str, object] = {"_model": "crm.lead", "_id": 7, "id": 7}
    told = {"create_date": came, "write_date": changed}
    body |= {name: f"{at:%Y-%m-%d %H:%M:%S}" for name, at in told.items()}
    answer = client.post(f"/crm/odoo?secret={SECRET}", json=body)
    assert (answer.status_code, answer.json()) == (200, {"leads": 1}), answer.text
    lead = client.get("/leads/odoo-7").json()
    assert lead["created_at"] == came.isoformat().replace("+00:00", "Z")
    assert lead["decision_id"]
    assert client.post(f"/crm/odoo?secret={SECRET}", json=body).json() == {"leads": 0}
    assert client.post("/crm/odoo?secret=x", json=body).status_code == 401
