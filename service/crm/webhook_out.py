"""Posts scores to an address, signed; the CRM, or what stands before it, writes them down."""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import to_json

from features.errors import ConfigError
from service.access.webhook_signature import NONCE, SIGNATURE, TIMESTAMP, Webhook, signature_of
from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.settings import CrmSettings, secret
from service.crm.writer import Push, Refusal
from service.errors import CrmAwayError

SECONDS = 20.0
TOO_MANY = 429
AWAY = (401, 403, 404, 408, TOO_MANY)
"""No lead is to blame for these."""


class WebhookOut:
    """Posts one lead after the other.

    Parameters
    ----------
    url, key : str
        Where to, and what signs.
    fields : FieldMap
    clock : Clock
    """

    name = "webhook"
    most_at_once = 20

    def __init__(self, url: str, key: str, fields: FieldMap, clock: Clock) -> None:
        self.url = url
        self.key = key
        self.fields = fields
        self.clock = clock

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Post each lead; after a failure the rest waits.

        Raises
        ------
        CrmAwayError
            When the very first could not be posted.
        """
        refused: dict[str, Refusal] = {}
        for place, one in enumerate(batch):
            try:
                refusal = self._post(one)
            except CrmAwayError as error:
                if place == 0:
                    raise
                later = Refusal(str(error), final=False)
                return refused | {left.lead_id: later for left in batch[place:]}
            if refusal is not None:
                refused[one.lead_id] = refusal
        return refused

    def check(self) -> Sequence[str]:
        """Return what is missing: nothing can be known without posting a lead."""
        return []

    def _post(self, one: Push) -> Refusal | None:
        import httpx2

        body = to_json({"id": one.record_id, **one.values})
        stamp = str(int(self.clock().timestamp()))
        nonce, to = token_hex(16), urlsplit(self.url)
        path = f"{to.path or '/'}?{to.query}" if to.query else to.path or "/"
        hook = Webhook("POST", path, {}, body)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": one.decision_id,
            TIMESTAMP: stamp,
            NONCE: nonce,
            SIGNATURE: signature_of(self.key.encode(), stamp, nonce, hook),
        }
        try:
            answer = httpx2.post(self.url, content=body, headers=headers, timeout=SECONDS)
        except httpx2.HTTPError as error:
            raise CrmAwayError(f"the webhook does not answer ({type(error).__name__})") from None
        status = answer.status_code
        if status in AWAY or status >= 500 or 300 <= status < 400:
            waits = retry_after(answer.headers)
            raise CrmAwayError(f"the webhook answers {status}", waits)
        return Refusal(f"answered {status}", final=True) if status >= 400 else None


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Return the seconds that an answer asks to wait, None where it does not say.

    Examples
    --------
    >>> retry_after({"Retry-After": "30"}), retry_after({})
    (30.0, None)
    """
    text = str(headers.get("Retry-After") or "")
    return min(float(text), 86_400.0) if text.isascii() and text.isdecimal() else None


def webhook_out(settings: CrmSettings, clock: Clock) -> WebhookOut:
    """Return the connector that the settings describe.

    Raises
    ------
    ConfigError
        When address or secret are missing.
    """
    url = settings.webhook_url or ""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError("LEAD_SCORING_WEBHOOK_URL: expected http(s)://...")
    key = secret(settings.webhook_secret, "WEBHOOK_SECRET")
    return WebhookOut(url, key, read_fields("webhook", settings.webhook_fields), clock)
