"""Writes scores to Odoo's leads."""

from collections.abc import Mapping, Sequence

from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.odoo_api import OdooApi, odoo_api
from service.crm.settings import CrmSettings
from service.crm.writer import Push, Refusal
from service.errors import CrmAwayError, CrmRefusedError

KINDS = {"score": ("integer", "float"), "probability": ("float",), "reasons": ("text", "char")}
TEXT = ("char", "text", "selection")
LARGEST_ID = 2**31 - 1


class OdooOut:
    """Updates leads, each by a request of its own: a request of Odoo writes the same everywhere.

    Parameters
    ----------
    api : OdooApi
    fields : FieldMap
    """

    name = "odoo"
    most_at_once = 50

    def __init__(self, api: OdooApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Update the leads; after a failure the rest waits.

        Raises
        ------
        CrmAwayError
            When the very first could not be written, see `Writer`.
        """
        refused: dict[str, Refusal] = {}
        written = False
        for place, one in enumerate(batch):
            if not is_id(one.record_id):
                refused[one.lead_id] = Refusal("its id is none of Odoo", final=True)
                continue
            try:
                self._write(one)
            except CrmRefusedError as error:
                refused[one.lead_id] = Refusal(str(error), final=True)
            except CrmAwayError as error:
                if not written:
                    raise
                later = Refusal(str(error), final=False)
                return refused | {left.lead_id: later for left in batch[place:]}
            written = True
        return refused

    def check(self) -> Sequence[str]:
        """Return the fields to create, and whether the key's user may write leads."""
        model = self.fields.object
        try:
            there = self.api.call(model, "fields_get", attributes=["type", "readonly"])
            may = self.api.call(model, "has_access", ids=[], operation="write")
        except CrmRefusedError as error:
            return [f"the fields of {model} cannot be read: {error}"]
        missing = [] if may else [f"let the key's user write {model}"]
        for sent, field in self.fields.outgoing.items():
            kinds = KINDS.get(sent, TEXT)
            if field not in there:
                missing.append(f"create the field {field} (type {kinds[0]}) of {model}")
            elif there[field].get("type") not in kinds:
                missing.append(f"field {field}: is a {there[field].get('type')}, not {kinds[0]}")
            elif there[field].get("readonly"):
                missing.append(f"field {field}: is read-only")
        known = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
        return [
            *missing,
            *(f"incoming field {one}: is not there" for one in sorted(known - {*there})),
        ]

    def _write(self, one: Push) -> None:
        values = {name: False if v is None else v for name, v in one.values.items()}
        self.api.call(self.fields.object, "write", ids=[int(one.record_id)], vals=values)


def is_id(text: str) -> bool:
    """Return whether a text is the id of a record.

    Examples
    --------
    >>> is_id("7"), is_id("0"), is_id("x"), is_id("99999999999")
    (True, False, False, False)
    """
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return is_number and 0 < int(text) <= LARGEST_ID


def odoo_out(settings: CrmSettings, _clock: Clock) -> OdooOut:
    """Return the writer that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    return OdooOut(odoo_api(settings), read_fields("odoo", settings.odoo_fields))
