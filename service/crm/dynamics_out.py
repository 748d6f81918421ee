"""Writes scores to the leads of Dynamics 365, many in one request."""

import re
from collections.abc import Mapping, Sequence
from secrets import token_hex

from service.clock import Clock
from service.crm.batch import with_own_ids
from service.crm.dynamics_api import ROOT, DynamicsApi, dynamics_api, problem
from service.crm.dynamics_batch import Change, batch_body, batch_results
from service.crm.field_map import FieldMap, read_fields
from service.crm.settings import CrmSettings
from service.crm.webhook_out import retry_after
from service.crm.writer import Push, Refusal
from service.errors import CrmAwayError, CrmRefusedError

ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KINDS = {
    "score": ("Whole number", ("Integer", "Decimal", "Double")),
    "probability": ("Decimal", ("Decimal", "Double")),
    "reasons": ("Multiline text", ("Memo", "String")),
}
TEXT = ("Text", ("String", "Memo"))
MAY_WRITE = "prvWriteLead"


class DynamicsOut:
    """Updates leads; what is wrong with one of them does not hold up the others.

    Parameters
    ----------
    api : DynamicsApi
    fields : FieldMap
    """

    name = "dynamics"
    most_at_once = 100

    def __init__(self, api: DynamicsApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Update the leads.

        Raises
        ------
        CrmAwayError
            See `Writer`.
        """
        return with_own_ids(batch, ID, "Dynamics", self._update)

    def check(self) -> Sequence[str]:
        """Return the columns to create, and whether the application's user may write leads."""
        table = self.fields.object
        columns = (
            f"EntityDefinitions(LogicalName='{table}')/Attributes"
            "?$select=LogicalName,AttributeType,IsValidForUpdate"
        )
        try:
            told = self.api.get(columns).get("value") or ()
            may = self._may_write()
        except CrmRefusedError as error:
            return [f"the columns of {table} cannot be read: {error}"]
        there = {str(one.get("LogicalName")): one for one in told}
        missing = [] if may else [f"let the application's user write {table} ({MAY_WRITE})"]
        for sent, field in self.fields.outgoing.items():
            kind, types = KINDS.get(sent, TEXT)
            if field not in there:
                missing.append(f"create the column {field} ({kind}) of {table}")
            elif there[field].get("AttributeType") not in types:
                found = there[field].get("AttributeType")
                missing.append(f"column {field}: is {found}, expected {kind}")
            elif there[field].get("IsValidForUpdate") is False:
                missing.append(f"column {field}: cannot be changed")
        known = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
        return [
            *missing,
            *(f"incoming column {one}: is not there" for one in sorted(known - {*there})),
        ]

    def _may_write(self) -> bool:
        user = self.api.get("WhoAmI").get("UserId")
        if not ID.fullmatch(str(user)):
            return False
        question = (
            f"systemusers({user})/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName"
            f"(PrivilegeName='{MAY_WRITE}')"
        )
        return bool(self.api.get(question).get("RolePrivileges"))

    def _update(self, batch: Sequence[Push]) -> dict[str, Refusal]:
        changes = [
            Change(f"{ROOT}{self.fields.object}s({one.record_id})", dict(one.values))
            for one in batch
        ]
        boundary = f"batch_{token_hex(16)}"
        headers = {
            "Content-Type": f"multipart/mixed; boundary={boundary}",
            "Prefer": "odata.continue-on-error",
        }
        answer = self.api.send("POST", "$batch", headers, batch_body(changes, boundary))
        results = batch_results(str(answer.headers.get("Content-Type")), answer.content)
        errors: list[CrmAwayError | CrmRefusedError | None] = [
            None
            if one.status < 300
            else problem(one.status, one.told, retry_after({"Retry-After": one.waits}))
            for one in results[: len(batch)]
        ]
        unsaid = CrmAwayError("Dynamics has not confirmed it")
        errors += [unsaid] * (len(batch) - len(errors))
        return not_taken(batch, errors)


def not_taken(batch: Sequence[Push], errors: Sequence[Exception | None]) -> dict[str, Refusal]:
    """Return the leads that were not taken, from what was said of each.

    Raises
    ------
    CrmAwayError
        When not one of them was taken and no lead is to blame.
    """
    away = [one for one in errors if isinstance(one, CrmAwayError)]
    if len(away) == len(batch):
        raise max(away, key=lambda one: one.retry_after or 0.0)
    return {
        one.lead_id: Refusal(str(error), final=isinstance(error, CrmRefusedError))
        for one, error in zip(batch, errors, strict=True)
        if error is not None
    }


def dynamics_out(settings: CrmSettings, _clock: Clock) -> DynamicsOut:
    """Return the writer that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    fields = read_fields("dynamics", settings.dynamics_fields)
    return DynamicsOut(dynamics_api(settings), fields)
