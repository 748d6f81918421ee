"""Writes scores to HubSpot's contacts, over HubSpot's own client."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from service.clock import Clock
from service.crm.batch import one_by_one, with_own_ids
from service.crm.field_map import FieldMap, read_fields
from service.crm.hubspot_api import SECONDS, HubSpotApi
from service.crm.settings import CrmSettings, secret
from service.crm.writer import Push, Refusal
from service.errors import CrmRefusedError

ID = re.compile("[0-9]+")
TYPES = {"score": "number", "probability": "number", "as_of": "string"}
LONGEST = 65_536
"""Characters that a property of HubSpot takes."""


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
        self.api = HubSpotApi(token, url)
        self.fields = fields

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Update the contacts; where HubSpot refuses the whole for one of them, each alone.

        Raises
        ------
        CrmAwayError
            See `Writer`.
        """
        return with_own_ids(batch, ID, "HubSpot", self._update)

    def check(self) -> Sequence[str]:
        """Return the properties to create, and what the token may not do."""
        from hubspot.crm.properties import ApiException

        try:
            page = self.api.ask(
                lambda: self.api.client().crm.properties.core_api.get_all(
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
            answer = self.api.ask(
                lambda: self.api.client().crm.contacts.batch_api.update(
                    body, _request_timeout=SECONDS
                ),
                ApiException,
            )
        except CrmRefusedError as error:
            return one_by_one(batch, error, self._update)
        return not_taken(batch, answer)


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
