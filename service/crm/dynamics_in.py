"""Understands what Dynamics 365 posts to a registered webhook: a RemoteExecutionContext."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from features.errors import SchemaError
from features.moment import to_moment
from service.access.webhook_signature import Webhook
from service.api.read import read_json
from service.crm.dynamics_out import ID
from service.crm.dynamics_record import attributes_of, by_attribute, known_of, moment, pairs
from service.crm.field_map import FieldMap, read_fields
from service.crm.receiver import Event
from service.crm.settings import CrmSettings
from service.crm.shared_secret import check_shared_secret

SECRET = "x-lead-scoring-secret"
OPPORTUNITY, ORIGIN = "opportunity", "originatingleadid"
DISQUALIFIED = 2
DEALS = {0: "opportunity", 1: "won", 2: "lost"}
Told = Mapping[str, tuple[Any, str | None]]


class DynamicsIn:
    """Accepts who sends the secret in a header of the registration.

    Parameters
    ----------
    secret : str
        Value of the header `x-lead-scoring-secret`.
    fields : FieldMap
    """

    name = "dynamics"
    media_type = "application/json"

    def __init__(self, secret: str, fields: FieldMap) -> None:
        self._secret = secret
        self.fields = fields

    def verify(self, webhook: Webhook, now: int) -> None:
        """Accept a webhook that shows the secret.

        Raises
        ------
        UnauthorizedError
            When it does not.
        """
        del now  # a registered webhook signs no moment
        shown = webhook.headers.get(SECRET, "")
        check_shared_secret(self._secret, shown, f"{SECRET}: is not the secret agreed on")

    def read(self, body: bytes) -> Sequence[Event]:
        """Return what is told of one lead, or of the opportunity that it became.

        Raises
        ------
        SchemaError
            When it is neither, or does not say when it happened.
        """
        context = read_json(body)
        if not isinstance(context, Mapping):
            raise SchemaError("body: expected an object")
        table, message = context.get("PrimaryEntityName"), context.get("MessageName")
        if table not in (self.fields.object, OPPORTUNITY):
            expected = f"{self.fields.object} or {OPPORTUNITY}"
            raise SchemaError(f"PrimaryEntityName: expected {expected}")
        at = micros(context.get("OperationCreatedOn"), "OperationCreatedOn")
        if at is None:
            raise SchemaError("OperationCreatedOn: is missing")
        told = told_in(context)
        if table == OPPORTUNITY:
            return self._deal(told, at)
        lead = record_id(context.get("PrimaryEntityId"), "PrimaryEntityId")
        if message == "Delete":
            return [Event(lead, at, gone=True)]
        is_lost = told.get("statecode", (None, None))[0] == DISQUALIFIED
        known, attributes = known_of(self.fields, told), attributes_of(self.fields, told)
        return [Event(lead, at, known, attributes, outcome="lost" if is_lost else None)]

    def answer(self, leads: int) -> bytes:
        """Return of how many leads something new is known."""
        return to_json({"leads": leads})

    def _deal(self, told: Told, at: int) -> Sequence[Event]:
        """Return what became of an opportunity; nothing where it came from no lead."""
        origin = told.get(ORIGIN, (None, None))[0]
        if origin is None:
            return []
        became = DEALS.get(told.get("statecode", (None, None))[0])
        if became is None:
            raise SchemaError("statecode: is missing; add it to the image of the step")
        field = "createdon" if became == "opportunity" else "actualclosedate"
        value = told.get("actualvalue", (None, None))[0]
        is_number = isinstance(value, int | float) and became == "won"
        return [
            Event(
                record_id(origin, ORIGIN),
                at,
                outcome=became,
                outcome_at=micros(told.get(field, (None, None))[0], field),
                value=float(value) if is_number else None,
            )
        ]


def told_in(context: Mapping[str, Any]) -> dict[str, tuple[Any, str | None]]:
    """Return the columns that a webhook tells: those of its images, and over them the change."""
    found: dict[str, tuple[Any, str | None]] = {}
    for image in pairs(context.get("PostEntityImages")).values():
        if isinstance(image, Mapping):
            found |= by_attribute(image)
    target = pairs(context.get("InputParameters")).get("Target")
    return found | (by_attribute(target) if isinstance(target, Mapping) else {})


def record_id(value: Any, name: str) -> str:
    """Return the id of a record, in small letters.

    Raises
    ------
    SchemaError
        When it is none.
    """
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise SchemaError(f"{name}: expected the id of a record")
    return value.lower()


def micros(value: Any, name: str) -> int | None:
    """Return a moment in UTC microseconds, None where it is not told.

    Raises
    ------
    SchemaError
        When it is none.
    """
    text = moment(value, name)
    try:
        return None if text is None else to_moment(datetime.fromisoformat(text))
    except ValueError:
        raise SchemaError(f"{name}: expected a moment such as 2026-01-02T03:04:05Z") from None


def dynamics_in(settings: CrmSettings) -> DynamicsIn | None:
    """Return the receiver that the settings describe; None without a secret."""
    if settings.dynamics_webhook_secret is None:
        return None
    secret = settings.dynamics_webhook_secret.get_secret_value()
    return DynamicsIn(secret, read_fields("dynamics", settings.dynamics_fields))
