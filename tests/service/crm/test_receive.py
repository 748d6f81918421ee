"""Webhooks of every CRM come by one way: verified, kept in any order, scored."""

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
from service.crm.registry import CRMS
from service.crm.settings import CrmSettings
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.crm.fake_dynamics import lead_id
from tests.service.crm.test_hubspot_in import kept

SECRET = "0123456789abcdef"
OWN = {
    "odoo": '[incoming.attributes]\nexpected_revenue = "a0_number"\nfunction = "a6_category"\n',
    "dynamics": '[incoming.attributes]\nrevenue = "a0_number"\njobtitle = "a6_category"\n',
}


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[tuple[TestClient, SqlStore]]:
    """Return a service that knows the secrets of Odoo and Dynamics, and its store."""
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    for name, own in OWN.items():
        (tmp_path / f"{name}.toml").write_text(own)
    agreed = CrmSettings(
        odoo_webhook_secret=SecretStr(SECRET),
        odoo_fields=tmp_path / "odoo.toml",
        dynamics_webhook_secret=SecretStr(SECRET),
        dynamics_fields=tmp_path / "dynamics.toml",
    )
    made = create_app(settings, sink=writer, store=store, clock=lambda: NOW, crm=agreed)
    with TestClient(made, raise_server_exceptions=False) as client:
        yield client, store
    writer.close()


def of_odoo(lead: int, days: int, **told: Any) -> dict[str, Any]:
    """Return what Odoo's automation rule posts of a lead, changed so many days ago."""
    came, changed = (NOW - timedelta(days=n) for n in (9, days))
    moments = {"create_date": came, "write_date": changed}
    shown = {name: f"{at:%Y-%m-%d %H:%M:%S}" for name, at in moments.items()}
    return {"_model": "crm.lead", "_id": lead, "id": lead, **shown, **told}


def of_dynamics(lead: int, days: int, **told: Any) -> dict[str, Any]:
    """Return what Dynamics posts of a lead, changed so many days ago."""
    came, changed = (round((NOW - timedelta(days=n)).timestamp() * 1000) for n in (9, days))
    columns = {"createdon": f"/Date({came})/", **told}
    target = {"Attributes": [{"key": name, "value": one} for name, one in columns.items()]}
    return {
        **{"PrimaryEntityName": "lead", "PrimaryEntityId": lead_id(lead), "MessageName": "Update"},
        "OperationCreatedOn": f"/Date({changed})/",
        "InputParameters": [{"key": "Target", "value": target}],
    }


def stories(crm: str, lead: int) -> list[dict[str, Any]]:
    """Return what a CRM tells of a lead over time."""
    if crm == "odoo":
        closed = f"{NOW - timedelta(days=1):%Y-%m-%d %H:%M:%S}"
        return [
            of_odoo(lead, 8, function="Trainee", expected_revenue=40.0),
            of_odoo(lead, 5, function="CTO", expected_revenue=250.0),
            of_odoo(lead, 1, won_status="won", date_closed=closed),
        ]
    return [
        of_dynamics(lead, 8, jobtitle="Trainee", revenue={"Value": 40.0}),
        of_dynamics(lead, 5, jobtitle="CTO", revenue={"Value": 250.0}),
        of_dynamics(lead, 1, statecode={"Value": 2}),
    ]


def post(client: TestClient, crm: str, body: dict[str, Any], secret: str = SECRET) -> Any:
    """Post what a CRM tells, with what shows that it is the CRM."""
    headers = {"x-lead-scoring-secret": secret} if crm == "dynamics" else {}
    path = f"/crm/odoo?secret={secret}" if crm == "odoo" else f"/crm/{crm}"
    return client.post(path, content=json.dumps(body), headers=headers)


def id_of(crm: str, lead: int) -> str:
    return f"{crm}-{lead if crm == 'odoo' else lead_id(lead)}"


def test_every_crm_with_webhooks_has_a_route(app: tuple[TestClient, SqlStore]) -> None:
    paths = app[0].get("/openapi.json").json()["paths"]
    wanted = {f"/crm/{name}" for name, crm in CRMS.items() if crm.receiver is not None}
    assert wanted | {"/crm/webhook"} == {path for path in paths if path.startswith("/crm/")}


@pytest.mark.parametrize("crm", ["odoo", "dynamics"])
def test_a_lead_is_kept_and_scored(app: tuple[TestClient, SqlStore], crm: str) -> None:
    client, _ = app
    first = stories(crm, 7)[0]
    answer = post(client, crm, first)
    assert (answer.status_code, answer.json()) == (200, {"leads": 1}), answer.text
    lead = client.get(f"/leads/{id_of(crm, 7)}").json()
    assert lead["created_at"] == (NOW - timedelta(days=9)).isoformat().replace("+00:00", "Z")
    assert lead["attributes"] == {"a0_number": 40.0, "a6_category": "trainee"}
    assert lead["decision_id"]
    assert post(client, crm, first).json() == {"leads": 0}
    assert post(client, crm, first, "x").status_code == 401


@pytest.mark.parametrize("crm", ["odoo", "dynamics"])
def test_any_order_and_any_repetition_tell_the_same(
    app: tuple[TestClient, SqlStore], crm: str
) -> None:
    client, store = app
    for story in stories(crm, 1):
        assert post(client, crm, story).status_code == 200
    wanted = kept(store, id_of(crm, 1))
    assert wanted["lead"]["outcome"] == ("won" if crm == "odoo" else "lost")
    assert len(wanted["values"]) >= 3
    random = Random(1)
    for lead in range(2, 8):
        told = stories(crm, lead) * 2
        random.shuffle(told)
        for story in told:
            assert post(client, crm, story).status_code == 200
        assert kept(store, id_of(crm, lead)) == wanted
