"""Writes scores to Salesforce's leads, up to 200 a request."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from service.clock import Clock
from service.crm.batch import one_by_one, with_own_ids
from service.crm.field_map import FieldMap, read_fields
from service.crm.salesforce_api import SalesforceApi, salesforce_api
from service.crm.settings import CrmSettings
from service.crm.writer import Push, Refusal
from service.errors import CrmAwayError, CrmRefusedError

COLLECTION = "composite/sobjects"
ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
KINDS = {
    "score": ("Number(3, 0)", ("double", "int")),
    "probability": ("Number(1, 4)", ("double", "percent")),
    "reasons": ("Long Text Area(4000)", ("textarea", "string")),
    "as_of": ("Text(40)", ("string", "textarea")),
}
TEXT = ("Text(80)", ("string", "textarea", "picklist"))
LONGEST = 4000
FINAL = (
    *("ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "INVALID_CROSS_REFERENCE_KEY"),
    *("MALFORMED_ID", "STRING_TOO_LONG", "NUMBER_OUTSIDE_VALID_RANGE", "NOT_FOUND"),
)
"""What no second try changes."""
BUSY = ("REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE")


class SalesforceOut:
    """Updates leads; what is wrong with one of them does not hold up the others.

    Parameters
    ----------
    api : SalesforceApi
    fields : FieldMap
    """

    name = "salesforce"
    most_at_once = 200

    def __init__(self, api: SalesforceApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Update the leads.

        Raises
        ------
        CrmAwayError
            See `Writer`.
        """
        return with_own_ids(batch, ID, "Salesforce", self._update)

    def check(self) -> Sequence[str]:
        """Return the fields to create, and those that the app's user may not write."""
        name = self.fields.object
        try:
            page = self.api.ask(lambda client: client.restful(f"sobjects/{name}/describe"))
        except CrmRefusedError as error:
            return [f"the fields of {name} cannot be read: {error}"]
        there = {one["name"]: one for one in (page or {}).get("fields", ())}
        missing = []
        for sent, field in self.fields.outgoing.items():
            kind, types = KINDS.get(sent, TEXT)
            if field not in there:
                missing.append(f"create the field {field} ({kind}) of {name}, and show it")
            elif there[field]["type"] not in types:
                missing.append(f"field {field}: is {there[field]['type']}, expected {kind}")
            elif not there[field]["updateable"]:
                missing.append(f"field {field}: let the app's user edit it")
        known = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
        return [
            *missing,
            *(f"incoming field {one}: is not there" for one in sorted(known - {*there})),
        ]

    def _update(self, batch: Sequence[Push]) -> dict[str, Refusal]:
        records = [
            {
                "attributes": {"type": self.fields.object},
                "id": one.record_id,
                **{field: plain(value) for field, value in one.values.items()},
            }
            for one in batch
        ]
        body = {"allOrNone": False, "records": records}
        try:
            answer = self.api.ask(
                lambda client: client.restful(COLLECTION, method="PATCH", json=body)
            )
        except CrmRefusedError as error:
            return one_by_one(batch, error, self._update)
        return not_taken(batch, answer)


def not_taken(batch: Sequence[Push], answer: Any) -> dict[str, Refusal]:
    """Return the leads that an answer to a batch, in the order of the batch, does not confirm.

    Raises
    ------
    CrmAwayError
        When none was taken because Salesforce is busy.
    """
    results = (
        answer if isinstance(answer, list) and len(answer) == len(batch) else [{}] * len(batch)
    )
    refused: dict[str, Refusal] = {}
    for one, result in zip(batch, results, strict=True):
        if result.get("success") is True:
            continue
        codes = [str(error.get("statusCode"))[:60] for error in result.get("errors") or ()]
        code = next((code for code in codes if code.isidentifier()), "")
        why = f"Salesforce: {code}" if code else "Salesforce has not confirmed it"
        refused[one.lead_id] = Refusal(why, final=code in FINAL)
    busy = [f"Salesforce: {code}" for code in BUSY]
    if len(refused) == len(batch) and all(one.reason in busy for one in refused.values()):
        raise CrmAwayError(refused[batch[0].lead_id].reason)
    return refused


def plain(value: Any) -> Any:
    """Return a value as Salesforce takes it.

    Examples
    --------
    >>> plain(71), plain(None), len(plain("x" * 5000))
    (71, None, 4000)
    """
    return value[:LONGEST] if isinstance(value, str) else value


def salesforce_out(settings: CrmSettings, _clock: Clock) -> SalesforceOut:
    """Return the writer that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    fields = read_fields("salesforce", settings.salesforce_fields)
    return SalesforceOut(salesforce_api(settings), fields)
