"""Writes scores to HubSpot's contacts, over HubSpot's own client."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.settings import CrmSettings, secret
from service.crm.webhook_out import retry_after
from service.crm.writer import Push, Refusal
from service.errors import CrmAwayError, CrmRefusedError

SECONDS = 60.0
TYPES = {"score": "number", "probability": "number", "as_of": "string"}
LONGEST = 65_536
"""Characters that a property of HubSpot takes."""
Answer = TypeVar("Answer")


class HubSpotOut:
    """Updates contacts, a hundred at once: HubSpot's limit.

    Parameters
    ----------
    token : str
        Of a private app that may read and write contacts.
    fields : FieldMap
    url : str
        Where HubSpot answers.
    """

    name = "hubspot"
    most_at_once = 100

    def __init__(self, token: str, fields: FieldMap, url: str) -> None:
        self.token = token
        self.fields = fields
        self.url = url.rstrip("/")

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Update the contacts; where HubSpot refuses the whole for one of them, each alone.

        Raises
        ------
        CrmAwayError
            See `Writer`.
        """
        numeric = [one for one in batch if one.record_id.isascii() and one.record_id.isdecimal()]
        refused = {
            one.lead_id: Refusal("its id is none of HubSpot", final=True)
            for one in batch
            if one not in numeric
        }
        return refused | self._update(numeric) if numeric else refused

    def check(self) -> Sequence[str]:
        """Return the properties to create, and what the token may not do."""
        from hubspot.crm.properties import ApiException

        try:
            page = self._asked(
                lambda: self._client().crm.properties.core_api.get_all(
                    object_type=self.fields.object, _request_timeout=SECONDS
                ),
                ApiException,
            )
        except CrmRefusedError as error:
            return [f"the properties of {self.fields.object} cannot be read: {error}"]
        there = {one.name: one for one in page.results}
        missing = []
        for sent, name in self.fields.outgoing.items():
            kind = TYPES.get(sent, "string")
            if name not in there:
                missing.append(f"create the property {name} (type {kind}) of {self.fields.object}")
            elif there[name].type not in (kind, "string", "enumeration"):
                missing.append(f"property {name}: is a {there[name].type}, expected {kind}")
        known = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
        missing += [f"incoming property {name}: is not there" for name in sorted(known - {*there})]
        return missing

    def _client(self) -> Any:
        from hubspot import HubSpot

        return HubSpot(access_token=self.token, host=self.url)

    def _update(self, batch: Sequence[Push]) -> dict[str, Refusal]:
        from hubspot.crm.contacts import (
            ApiException,
            BatchInputSimplePublicObjectBatchInput,
            SimplePublicObjectBatchInput,
        )

        inputs = [
            SimplePublicObjectBatchInput(
                id=one.record_id, properties={k: plain(v) for k, v in one.values.items()}
            )
            for one in batch
        ]
        body = BatchInputSimplePublicObjectBatchInput(inputs=inputs)
        try:
            answer = self._asked(
                lambda: self._client().crm.contacts.batch_api.update(
                    body, _request_timeout=SECONDS
                ),
                ApiException,
            )
        except CrmRefusedError as error:
            if len(batch) == 1:
                return {batch[0].lead_id: Refusal(str(error), final=True)}
            refused: dict[str, Refusal] = {}
            for one in batch:
                refused |= self._update([one])
            return refused
        return not_taken(batch, answer)

    def _asked(self, ask: Callable[[], Answer], failure: type[Exception]) -> Answer:
        """Return HubSpot's answer.

        Raises
        ------
        CrmRefusedError
            When it refuses what the request says.
        CrmAwayError
            When it takes no request.
        """
        from urllib3.exceptions import HTTPError

        try:
            return ask()
        except HTTPError as error:
            raise CrmAwayError(f"HubSpot does not answer ({type(error).__name__})") from None
        except failure as error:
            raise problem(error) from None


def problem(error: Any) -> Exception:
    """Return what an error of HubSpot's client means; its message may hold values, and is left."""
    try:
        body = json.loads(error.body or "{}")
    except ValueError:
        body = {}
    status, category = error.status, str(body.get("category") or "")[:60]
    if status == 400:
        missing = missing_fields(body)
        if not missing:
            return CrmRefusedError(f"HubSpot answers 400 {category}".strip())
        return CrmAwayError(f"HubSpot has no property {', '.join(missing)}; create it")
    if status == 401:
        return CrmAwayError("HubSpot refuses the token (401); is LEAD_SCORING_HUBSPOT_TOKEN valid?")
    if status == 403:
        return CrmAwayError(f"HubSpot: the token lacks a scope (403 {category})")
    if status in (404, 409, 413, 415, 422):
        return CrmRefusedError(f"HubSpot answers {status} {category}".strip())
    return CrmAwayError(f"HubSpot answers {status}", retry_after(error.headers or {}))


def missing_fields(body: Mapping[str, Any]) -> list[str]:
    """Return the properties that HubSpot says do not exist."""
    found: list[str] = []
    for error in body.get("errors") or ():
        if error.get("code") == "PROPERTY_DOESNT_EXIST":
            found += [str(name) for name in (error.get("context") or {}).get("propertyName") or ()]
    if not found and "PROPERTY_DOESNT_EXIST" in str(body.get("message")):
        return ["(unnamed)"]
    return sorted(set(found))


def not_taken(batch: Sequence[Push], answer: Any) -> dict[str, Refusal]:
    """Return the leads that an answer to a batch does not confirm."""
    done = {str(one.id) for one in answer.results or ()}
    why: dict[str, Refusal] = {}
    for error in getattr(answer, "errors", None) or ():
        category = str(error.category)[:60]
        final = category in ("OBJECT_NOT_FOUND", "VALIDATION_ERROR")
        for number in (error.context or {}).get("ids") or ():
            why[str(number)] = Refusal(f"HubSpot: {category}", final)
    unsaid = Refusal("HubSpot has not confirmed it", final=False)
    return {
        one.lead_id: why.get(one.record_id, unsaid) for one in batch if one.record_id not in done
    }


def plain(value: Any) -> str:
    """Return a value as HubSpot takes it: text; no value is an empty one.

    Examples
    --------
    >>> plain(71), plain(None), plain("SQL")
    ('71', '', 'SQL')
    """
    return "" if value is None else str(value)[:LONGEST]


def hubspot_out(settings: CrmSettings, _clock: Clock) -> HubSpotOut:
    """Return the connector that the settings describe.

    Raises
    ------
    ConfigError
        When the token is missing.
    """
    token = secret(settings.hubspot_token, "HUBSPOT_TOKEN")
    return HubSpotOut(token, read_fields("hubspot", settings.hubspot_fields), settings.hubspot_url)
