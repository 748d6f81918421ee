"""Understands Salesforce's outbound messages: leads that came or changed."""

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from features.errors import SchemaError
from service.access.webhook_signature import Webhook
from service.crm.field_map import FieldMap, read_fields
from service.crm.moments import moment_in
from service.crm.receiver import Event
from service.crm.salesforce_xml import MessageReader
from service.crm.settings import CrmSettings
from service.errors import UnauthorizedError

LEAST_SECRET = 16
ID_LETTERS = 15
"""The first letters of an id tell; the last three only serve systems that mix up their case."""
CHANGED = ("SystemModstamp", "LastModifiedDate")
ACKNOWLEDGED = b"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>\
<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>\
</notificationsResponse></soapenv:Body></soapenv:Envelope>
"""


class SalesforceIn:
    """Reads the leads of an organization's outbound messages.

    Salesforce signs no message: the secret stands in the address that it is sent to, as `secret`,
    and the organization's id is compared. It repeats what was not acknowledged for 24 hours, in
    any order.

    Parameters
    ----------
    secret, organization : str
    fields : FieldMap
    """

    name = "salesforce"
    media_type = "text/xml"

    def __init__(self, secret: str, organization: str, fields: FieldMap) -> None:
        self._secret = secret.encode()
        self.organization = organization
        self.fields = fields

    def verify(self, webhook: Webhook, _now: int) -> None:
        """Accept a message whose address has the secret.

        Raises
        ------
        UnauthorizedError
            When it has not.
        """
        shown = parse_qs(urlsplit(webhook.path).query).get("secret", [""])[0]
        if len(self._secret) < LEAST_SECRET:
            raise UnauthorizedError(f"the secret is shorter than {LEAST_SECRET} bytes")
        if not hmac.compare_digest(shown.encode(errors="replace"), self._secret):
            raise UnauthorizedError("the address has not the secret agreed on")

    def read(self, body: bytes) -> Sequence[Event]:
        """Return what a message tells of leads.

        Raises
        ------
        SchemaError
            When it is no outbound message about leads.
        UnauthorizedError
            When it comes from another organization.
        """
        message = MessageReader().read(body)
        if message.organization[:ID_LETTERS] != self.organization[:ID_LETTERS]:
            raise UnauthorizedError("the message comes from another organization")
        events = []
        for one in message.notifications:
            if one.kind != self.fields.object:
                raise SchemaError(f"sObject: expected a {self.fields.object}")
            if not one.fields.get("Id"):
                raise SchemaError("sObject: expected an Id")
            events.append(self._event(one.fields))
        return events

    def answer(self, _leads: int) -> bytes:
        """Return the acknowledgement, without which Salesforce sends a message again."""
        return ACKNOWLEDGED

    def _event(self, record: Mapping[str, str | None]) -> Event:
        incoming, outcome = self.fields.incoming, self.fields.outcome
        at = next((at for name in CHANGED if (at := moment_in(record.get(name)))), None)
        known: dict[str, object] = {}
        for field, role in incoming.lead.items():
            value = record.get(field)
            if value:
                known[role] = moment_in(value) if role == "created_at" else value
        attributes = {
            name: record[field] for field, name in incoming.attributes.items() if field in record
        }
        meaning = outcome.meaning(record.get(outcome.field or ""))
        became_at = None
        if meaning is None and record.get("IsConverted") == "true":
            meaning, became_at = "opportunity", moment_in(record.get(outcome.opportunity_at or ""))
        return Event(
            str(record["Id"]),
            at,
            {role: value for role, value in known.items() if value is not None},
            attributes,
            outcome=meaning,
            outcome_at=became_at,
        )


def salesforce_in(settings: CrmSettings) -> SalesforceIn | None:
    """Return what understands the organization's messages, None where no secret is agreed on."""
    secret, organization = settings.salesforce_message_secret, settings.salesforce_organization
    if secret is None or not secret.get_secret_value() or not organization:
        return None
    fields = read_fields("salesforce", settings.salesforce_fields)
    return SalesforceIn(secret.get_secret_value(), organization, fields)
