"""Reads all leads of an Odoo, with what became of them and what they did."""

from collections.abc import Mapping, Sequence
from typing import Any

from features.errors import SchemaError
from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.odoo_api import OdooApi, odoo_api
from service.crm.odoo_record import attributes_of, known_of, moment, plain
from service.crm.reader import Page, PulledActivity, PulledLead
from service.crm.settings import CrmSettings
from service.errors import CrmAwayError, CrmRefusedError

ROWS = 500
MEETING = "meeting"
LEADS, MESSAGES, MEETINGS = "leads", "messages", "meetings"
STEPS = (LEADS, MESSAGES, MEETINGS)
MESSAGE_FIELDS = ("res_id", "date", "message_type", "create_date")
MEETING_FIELDS = ("opportunity_id", "start", "create_date")


class OdooPull:
    """Reads leads by id, then their e-mails, then their meetings.

    Parameters
    ----------
    api : OdooApi
    fields : FieldMap
    """

    name = "odoo"

    def __init__(self, api: OdooApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def pull(self, after: str | None) -> Page:
        """Return a page; its place is a step and the last id that was read.

        Raises
        ------
        CrmAwayError
            See `Reader`.
        """
        step, _, last = (after or f"{LEADS}:0").partition(":")
        try:
            rows = self._rows(step, int(last))
            leads = [self._lead(row) for row in rows] if step == LEADS else []
            deeds = [] if step == LEADS else [self._activity(step, row) for row in rows]
        except (CrmRefusedError, SchemaError) as error:
            raise CrmAwayError(f"Odoo: {step} cannot be read: {error}") from None
        told = [one for one in deeds if one is not None]
        return Page(leads, told, following(step, rows))

    def _rows(self, step: str, last: int) -> Sequence[Mapping[str, Any]]:
        model, domain, fields = self._question(step)
        found = self.api.call(
            model,
            "search_read",
            domain=[["id", ">", last], *domain],
            fields=list(fields),
            order="id",
            limit=ROWS,
            context={"active_test": False},
        )
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise SchemaError("expected a list of records")
        return found

    def _question(self, step: str) -> tuple[str, list[list[Any]], Sequence[str]]:
        if step == MESSAGES:
            kinds = ["message_type", "in", sorted({*self.fields.incoming.activities} - {MEETING})]
            own = ["model", "=", self.fields.object]
            return "mail.message", [own, kinds], MESSAGE_FIELDS
        if step == MEETINGS:
            return "calendar.event", [["opportunity_id", "!=", False]], MEETING_FIELDS
        outcome = self.fields.outcome
        said = (outcome.field, outcome.at, outcome.opportunity_at, outcome.value)
        named = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
        return self.fields.object, [], sorted(named | {name for name in said if name})

    def _lead(self, row: Mapping[str, Any]) -> PulledLead:
        outcome = self.fields.outcome
        said = plain(outcome.field or "", row.get(outcome.field or ""))
        became = "won" if said in outcome.won else "lost" if said in outcome.lost else None
        value = plain(outcome.value or "", row.get(outcome.value or ""))
        return PulledLead(
            record_id=str(row["id"]),
            known=known_of(self.fields, row),
            attributes=attributes_of(self.fields, row),
            outcome=became,
            outcome_at=self._moment(row, outcome.at) if became else None,
            opportunity_at=self._moment(row, outcome.opportunity_at),
            value=float(value) if value is not None and became == "won" else None,
        )

    def _moment(self, row: Mapping[str, Any], field: str | None) -> str | None:
        return None if field is None else moment(row.get(field), field)

    def _activity(self, step: str, row: Mapping[str, Any]) -> PulledActivity | None:
        """Return an e-mail or a meeting; None where it is about nothing or the map leaves it."""
        event = MEETING if step == MEETINGS else str(row.get("message_type"))
        kind = self.fields.incoming.activities.get(event)
        lead = row.get("opportunity_id" if step == MEETINGS else "res_id")
        lead = lead[0] if isinstance(lead, list) and lead else lead
        at = moment(row.get("start" if step == MEETINGS else "date"), "date")
        if kind is None or not lead or at is None:
            return None
        actor = "staff" if kind in self.fields.incoming.staff else "lead"
        recorded = moment(row.get("create_date"), "create_date")
        return PulledActivity(f"odoo-{step}-{row['id']}", [str(lead)], kind, at, recorded, actor)


def following(step: str, rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Return where the next page begins.

    Examples
    --------
    >>> following("leads", []), following("meetings", [])
    ('messages:0', None)
    """
    if len(rows) == ROWS:
        return f"{step}:{rows[-1]['id']}"
    later = STEPS[STEPS.index(step) + 1 :]
    return f"{later[0]}:0" if later else None


def odoo_pull(settings: CrmSettings, _clock: Clock) -> OdooPull:
    """Return the reader that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    return OdooPull(odoo_api(settings), read_fields("odoo", settings.odoo_fields))
