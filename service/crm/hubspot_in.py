"""Understands HubSpot's webhooks: contacts that came, changed or were deleted."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from pydantic_core import from_json, to_json

from features.errors import SchemaError
from service.access.webhook_signature import TOLERANCE_SECONDS, Webhook
from service.crm.field_map import FieldMap, read_fields
from service.crm.moments import moment_in
from service.crm.receiver import Event
from service.crm.settings import CrmSettings
from service.errors import UnauthorizedError

SIGNATURE, TIMESTAMP = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
MILLISECOND = 1000
MOST_EVENTS = 1000
CONTACT = "0-1"
GONE = ("deletion", "privacyDeletion")


class HubSpotIn:
    """Reads the events of an app's webhooks.

    Parameters
    ----------
    secret : str
        The app's client secret.
    url : str
        The target address as it stands in HubSpot; what stands before the service may change it
        on the way, so that a request does not tell.
    fields : FieldMap
    """

    name = "hubspot"
    media_type = "application/json"

    def __init__(self, secret: str, url: str, fields: FieldMap) -> None:
        self._secret = secret.encode()
        self.url = url
        self.fields = fields

    def verify(self, webhook: Webhook, now: int) -> None:
        """Accept a webhook of the last five minutes that is signed in HubSpot's third version.

        Raises
        ------
        UnauthorizedError
            When it is not.
        """
        stamp = webhook.headers.get(TIMESTAMP, "")
        shown = webhook.headers.get(SIGNATURE, "")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16 and shown):
            raise UnauthorizedError(f"expected the headers {SIGNATURE}, {TIMESTAMP}")
        wanted = signature_of(self._secret, webhook, self.url, stamp)
        if not hmac.compare_digest(wanted.encode(), shown.encode()):
            raise UnauthorizedError(f"{SIGNATURE}: is not this request's")
        if abs(now - int(stamp) * MILLISECOND) > TOLERANCE_SECONDS * 1_000_000:
            raise UnauthorizedError(f"{TIMESTAMP}: is more than {TOLERANCE_SECONDS} seconds away")

    def read(self, body: bytes) -> Sequence[Event]:
        """Return what the events of a webhook tell; those of no use here are left out.

        Raises
        ------
        SchemaError
            When they are no list of events.
        """
        try:
            told = from_json(body, allow_inf_nan=False)
        except ValueError:
            raise SchemaError("body: expected JSON") from None
        if not isinstance(told, list) or not all(isinstance(one, Mapping) for one in told):
            raise SchemaError("body: expected a list of events")
        if len(told) > MOST_EVENTS:
            raise SchemaError(f"body: has {len(told)} events, expected at most {MOST_EVENTS}")
        events = (self._event(place, one) for place, one in enumerate(told))
        return [event for event in events if event is not None]

    def answer(self, leads: int) -> bytes:
        """Return of how many leads something new is known."""
        return to_json({"leads": leads})

    def _event(self, place: int, told: Mapping[str, Any]) -> Event | None:
        of, _, what = str(told.get("subscriptionType")).partition(".")
        if of not in ("contact", "object") or told.get("objectTypeId", CONTACT) != CONTACT:
            return None
        record, at = told.get("objectId"), told.get("occurredAt")
        whole = isinstance(record, int) and isinstance(at, int) and 0 <= at < 10**14
        if not whole or isinstance(record, bool):
            raise SchemaError(f"[{place}]: expected an objectId and occurredAt in milliseconds")
        moment = int(at or 0) * MILLISECOND
        if what in GONE:
            return Event(str(record), moment, gone=True)
        if what == "creation":
            return Event(str(record), moment, {"created_at": moment})
        if what == "propertyChange":
            return self._changed(str(record), moment, told)
        return None

    def _changed(self, record: str, at: int, told: Mapping[str, Any]) -> Event | None:
        name, value = str(told.get("propertyName")), told.get("propertyValue")
        incoming, outcome = self.fields.incoming, self.fields.outcome
        if name == outcome.field:
            return Event(record, at, outcome=outcome.meaning(value))
        if name in incoming.lead:
            role = incoming.lead[name]
            known = moment_in(value) if role == "created_at" else value
            return Event(record, at, {role: known} if known else {})
        if name in incoming.attributes:
            return Event(record, at, attributes={incoming.attributes[name]: value or None})
        moment = moment_in(value)
        if name in incoming.activities and moment is not None:
            deed = (f"{name}:{moment}", incoming.activities[name], moment)
            return Event(record, at, activities=(deed,))
        return None


def signature_of(secret: bytes, webhook: Webhook, url: str, stamp: str) -> str:
    """Return the signature of HubSpot's third version: method, address, body and moment.

    Examples
    --------
    >>> hook = Webhook("POST", "/", {}, b"[]")
    >>> signature_of(b"secret", hook, "https://leads.example/crm/hubspot", "1767312000000")[:10]
    'eXi8AtU88v'
    """
    head = f"{webhook.method.upper()}{unquote(url)}".encode()
    source = head + webhook.body + stamp.encode()
    return base64.b64encode(hmac.new(secret, source, hashlib.sha256).digest()).decode()


def hubspot_in(settings: CrmSettings) -> HubSpotIn | None:
    """Return what understands the webhooks of the settings' app, None where there is no secret."""
    secret, url = settings.hubspot_client_secret, settings.hubspot_webhook_url
    if secret is None or not secret.get_secret_value() or not url:
        return None
    fields = read_fields("hubspot", settings.hubspot_fields)
    return HubSpotIn(secret.get_secret_value(), url, fields)
