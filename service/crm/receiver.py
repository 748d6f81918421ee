"""What the service asks of a CRM's own webhooks: proof who sent them, and what they tell."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from service.access.webhook_signature import Webhook
from service.crm.field_map import FieldMap


class Event(NamedTuple):
    """What a webhook tells of one lead at one moment.

    Events may come late, twice and in any order: what was said of a later moment stays.

    Parameters
    ----------
    record_id : str
        As the CRM knows it.
    at : int or None
        When it was so, in UTC microseconds; None: when it is told.
    known : mapping of str to value
        `created_at` (in ISO form or UTC microseconds), `channel`, `source`, `account_id`,
        `contact_id`, `owner`.
    attributes : mapping of str to value
        By attribute.
    activities : sequence of (id, kind, occurred_at)
        Each id counts once; moments in UTC microseconds.
    outcome : "opportunity", "won", "lost" or None
    outcome_at : int or None
        In UTC microseconds; None: `at`.
    value : float or None
    gone : bool
        Whether the CRM has erased the lead, so that it is erased here.
    """

    record_id: str
    at: int | None
    known: Mapping[str, Any] = {}
    attributes: Mapping[str, Any] = {}
    activities: Sequence[tuple[str, str, int]] = ()
    outcome: str | None = None
    outcome_at: int | None = None
    value: float | None = None
    gone: bool = False


class Receiver(Protocol):
    """Understands one CRM's webhooks."""

    name: str
    fields: FieldMap
    media_type: str
    """Of what it posts, and of what it is answered."""

    def verify(self, webhook: Webhook, now: int) -> None:
        """Accept a webhook that is the CRM's (now: UTC microseconds).

        Raises
        ------
        UnauthorizedError
            When it is not.
        """

    def read(self, body: bytes) -> Sequence[Event]:
        """Return what a webhook tells.

        Raises
        ------
        SchemaError
            When it is not what is documented.
        """

    def answer(self, leads: int) -> bytes:
        """Return what the CRM wants to hear once everything is kept (leads: of which it told)."""
