"""Understands what an automation rule of Odoo posts ("Send Webhook Notification")."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic_core import to_json

from features.errors import SchemaError
from features.moment import to_moment
from service.access.webhook_signature import Webhook
from service.api.read import read_json
from service.crm.field_map import FieldMap, read_fields
from service.crm.odoo_record import attributes_of, known_of, moment, plain
from service.crm.receiver import Event
from service.crm.settings import CrmSettings
from service.crm.shared_secret import check_shared_secret

CHANGED = "write_date"


class OdooIn:
    """Accepts who knows the address: Odoo signs nothing and sends no header of one's own.

    Parameters
    ----------
    secret : str
        Stands in the address as `?secret=`.
    fields : FieldMap
    """

    name = "odoo"
    media_type = "application/json"

    def __init__(self, secret: str, fields: FieldMap) -> None:
        self._secret = secret
        self.fields = fields

    def verify(self, webhook: Webhook, now: int) -> None:
        """Accept a webhook whose address holds the secret.

        Raises
        ------
        UnauthorizedError
            When it does not. Nothing of the address is repeated.
        """
        del now  # nothing that Odoo sends tells when it was sent
        shown = parse_qs(urlsplit(webhook.path).query).get("secret", [""])[-1]
        check_shared_secret(self._secret, shown, "the address does not hold the secret agreed on")

    def read(self, body: bytes) -> Sequence[Event]:
        """Return what is told of one lead.

        Raises
        ------
        SchemaError
            When it is no lead, or does not say when it was changed.
        """
        record = read_json(body)
        if not isinstance(record, Mapping) or record.get("_model") != self.fields.object:
            raise SchemaError(f"body: expected an object whose _model is {self.fields.object}")
        lead = record.get("_id")
        if not isinstance(lead, int) or isinstance(lead, bool) or lead < 1:
            raise SchemaError("_id: expected the id of a lead")
        changed = moment(record.get(CHANGED), CHANGED)
        if changed is None:
            raise SchemaError(f"{CHANGED}: is missing; add it to the fields of the webhook")
        return [self._event(str(lead), micros(changed), record)]

    def answer(self, leads: int) -> bytes:
        """Return of how many leads something new is known."""
        return to_json({"leads": leads})

    def _event(self, lead: str, at: int, record: Mapping[str, Any]) -> Event:
        outcome = self.fields.outcome
        said = plain(outcome.field or "", record.get(outcome.field or ""))
        became = "won" if said in outcome.won else "lost" if said in outcome.lost else None
        opened = moment(record.get(outcome.opportunity_at or ""), outcome.opportunity_at or "")
        closed = moment(record.get(outcome.at or ""), outcome.at or "")
        if became is None and opened is not None:
            became, closed = "opportunity", opened
        value = plain(outcome.value or "", record.get(outcome.value or ""))
        is_number = isinstance(value, int | float) and became == "won"
        return Event(
            record_id=lead,
            at=at,
            known=known_of(self.fields, record),
            attributes=attributes_of(self.fields, record),
            outcome=became,
            outcome_at=None if closed is None else micros(closed),
            value=float(value) if is_number else None,
        )


def micros(iso: str) -> int:
    """Return a moment of ISO form in UTC microseconds."""
    return to_moment(datetime.fromisoformat(iso))


def odoo_in(settings: CrmSettings) -> OdooIn | None:
    """Return the receiver that the settings describe; None without a secret."""
    if settings.odoo_webhook_secret is None:
        return None
    secret = settings.odoo_webhook_secret.get_secret_value()
    return OdooIn(secret, read_fields("odoo", settings.odoo_fields))
