"""Salesforce's outbound messages: read with care, acknowledged, kept once in any order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from features.errors import SchemaError
from service.app import create_app
from service.crm.salesforce_xml import MessageReader
from service.crm.settings import CrmSettings
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.crm.fake_salesforce import lead_key
from tests.service.crm.test_hubspot_in import kept

SECRET = "0123456789abcdef"
ORGANIZATION = "00D5f000000abcdEAA"
OWN = """
[incoming.attributes]
NumberOfEmployees = "a0_number"
Industry = "a6_category"
"""
LEAD = f"salesforce-{lead_key(1)}"


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Iterator[tuple[TestClient, SqlStore]]:
    """Return a service that has agreed on a secret, and its store."""
    (tmp_path / "own.toml").write_text(OWN)
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'crm.db'}")))
    writer = GroupWriter(store)
    agreed = CrmSettings(
        salesforce_message_secret=SecretStr(SECRET),
        salesforce_organization=ORGANIZATION,
        salesforce_fields=tmp_path / "own.toml",
    )
    made = create_app(settings, sink=writer, store=store, clock=lambda: NOW, crm=agreed)
    with TestClient(made, raise_server_exceptions=False) as client:
        yield client, store
    writer.close()


def message(*records: dict[str, str | None], organization: str = ORGANIZATION) -> bytes:
    """Return an outbound message as Salesforce's WSDL describes it."""
    told = "".join(
        f"<Notification><Id>04l5f00000{place:05d}AAA</Id>"
        '<sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        + "".join(
            f'<sf:{name} xsi:nil="true"/>' if value is None else f"<sf:{name}>{value}</sf:{name}>"
            for name, value in record.items()
        )
        + "</sObject></Notification>"
        for place, record in enumerate(records)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>{organization}</OrganizationId>
   <ActionId>04k5f000000abcdAAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/59.0/x</EnterpriseUrl>
   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/59.0/x</PartnerUrl>
   {told}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>""".encode()


def lead(modified: str, **told: str | None) -> dict[str, str | None]:
    return {
        "Id": lead_key(1),
        "CreatedDate": "2025-12-20T08:00:00.000Z",
        "LastModifiedDate": modified,
        **told,
    }


def post(client: TestClient, body: bytes, secret: str = SECRET) -> Any:
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    return client.post(f"/crm/salesforce?secret={secret}", content=body, headers=headers)


OLD = lead("2025-12-21T08:00:00.000Z", NumberOfEmployees="40", Industry=None, LeadSource="Web")
NEW = lead("2025-12-24T08:00:00.000Z", NumberOfEmployees="250", Industry="R&amp;D", Status="Open")
CONVERTED = lead(
    "2025-12-28T08:00:00.000Z", Status="Closed", IsConverted="true", ConvertedDate="2025-12-28"
)


def test_a_message_makes_a_lead_and_is_acknowledged(app: tuple[TestClient, SqlStore]) -> None:
    client, store = app
    answer = post(client, message(OLD, NEW, CONVERTED))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<Ack>true</Ack>" in answer.text
    assert "soap.sforce.com/2005/09/outbound" in answer.text
    held = kept(store, LEAD)["lead"]
    assert held["channel"] == "web"
    assert held["opportunity_at"]
    assert held["now"]["a6_category"][0].lower() == '"r&d"'
    assert client.get(f"/leads/{LEAD}").json()["decision_id"]


def test_messages_out_of_order_and_twice_tell_the_same(app: tuple[TestClient, SqlStore]) -> None:
    client, store = app
    for body in (message(CONVERTED), message(NEW), message(OLD), message(NEW, OLD)):
        assert post(client, body).status_code == 200
    late = kept(store, LEAD)
    other = [{**one, "Id": lead_key(2)} for one in (OLD, NEW, CONVERTED)]
    assert post(client, message(*other)).status_code == 200
    assert kept(store, f"salesforce-{lead_key(2)}") == late


def test_a_lost_lead_is_lost(app: tuple[TestClient, SqlStore]) -> None:
    client, store = app
    post(client, message(lead("2025-12-28T08:00:00.000Z", Status="Unqualified")))
    assert kept(store, LEAD)["lead"]["outcome"] == "lost"


def test_only_who_knows_the_secret_and_is_the_organization_is_believed(
    app: tuple[TestClient, SqlStore],
) -> None:
    client, _ = app
    assert post(client, message(OLD), secret="0123456789abcdeX").status_code == 401
    assert post(client, message(OLD), secret="").status_code == 401
    assert post(client, message(OLD, organization="00D000000000000AAA")).status_code == 401
    assert client.get(f"/leads/{LEAD}").status_code == 404
    other = message(OLD).replace(b"sf:Lead", b"sf:Case")
    assert post(client, other).status_code == 422


LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
BOMBS = [
    b'<!DOCTYPE x [<!ENTITY a0 "ha">' + LAUGHS + b"]><x>&a11;</x>",
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
    b"<x>&undefined;</x>",
    b"<a>" * 100_000 + b"</a>" * 100_000,
    b"no xml",
    b"",
    b"<x/>",
]


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_xml_that_expands_fetches_or_nests_is_refused(
    app: tuple[TestClient, SqlStore], bomb: bytes
) -> None:
    with pytest.raises(SchemaError, match="body: "):
        MessageReader().read(bomb)
    assert post(app[0], bomb).status_code == 422
