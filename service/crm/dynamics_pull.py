"""Reads all leads of Dynamics 365, with what became of them and what they did."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from features.errors import SchemaError
from service.clock import Clock
from service.crm.dynamics_api import ROOT, DynamicsApi, dynamics_api
from service.crm.dynamics_record import KEY, attributes_of, by_field, column, known_of, moment
from service.crm.field_map import FieldMap, read_fields
from service.crm.reader import Page, PulledActivity, PulledLead
from service.crm.settings import CrmSettings
from service.errors import CrmAwayError, CrmRefusedError

ROWS = 500
NEXT = "@odata.nextLink"
PREFER = {
    "Prefer": f'odata.maxpagesize={ROWS}, odata.include-annotations="*"',
}
OPPORTUNITY = "qualifyingopportunityid"
DEALS = "statecode,actualclosedate,actualvalue,createdon"
DISQUALIFIED, WON, LOST = 2, 1, 2
REGARDING = "_regardingobjectid_value"
ABOUT_LEAD = f"{REGARDING}@Microsoft.Dynamics.CRM.lookuplogicalname"


class Deeds(NamedTuple):
    """One table of activities.

    Parameters
    ----------
    table, event : str
        Name of the table's rows in an address, and of one of them in the field map.
    at : str
        Column with the moment.
    is_directed : bool
        Whether a row says who began: the lead or our own staff.
    """

    table: str
    event: str
    at: str
    is_directed: bool


STEPS = (
    Deeds("emails", "email", "actualend", is_directed=True),
    Deeds("phonecalls", "phonecall", "actualend", is_directed=True),
    Deeds("appointments", "appointment", "scheduledstart", is_directed=False),
)


class DynamicsPull:
    """Reads leads, then their completed e-mails, calls and appointments.

    Parameters
    ----------
    api : DynamicsApi
    fields : FieldMap
    """

    name = "dynamics"

    def __init__(self, api: DynamicsApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def pull(self, after: str | None) -> Page:
        """Return a page; its place is a number of a step and an address below the root.

        Raises
        ------
        CrmAwayError
            See `Reader`.
        """
        number, _, path = (after or "0:").partition(":")
        step = int(number)
        try:
            told = self.api.get(path or self._question(step), PREFER)
            rows = told.get("value")
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise SchemaError("expected a list of rows")
            leads = [self._lead(row) for row in rows] if step == 0 else []
            deeds = [self._deed(STEPS[step - 1], row) for row in rows] if step else []
        except (CrmRefusedError, SchemaError) as error:
            raise CrmAwayError(f"Dynamics: a page cannot be read: {error}") from None
        done = [one for one in deeds if one is not None]
        return Page(leads, done, self._after(step, told.get(NEXT)))

    def _question(self, step: int) -> str:
        if step == 0:
            named = {*self.fields.incoming.lead, *self.fields.incoming.attributes}
            columns = sorted({KEY, "statecode", "modifiedon", *map(column, named)})
            expanded = f"{OPPORTUNITY}($select={DEALS})"
            return f"{self.fields.object}s?$select={','.join(columns)}&$expand={expanded}"
        deeds = STEPS[step - 1]
        columns = ["activityid", REGARDING, deeds.at, "createdon"]
        columns += ["directioncode"] if deeds.is_directed else []
        completed = quote(f"statecode eq 1 and {REGARDING} ne null")
        return f"{deeds.table}?$select={','.join(columns)}&$filter={completed}"

    def _after(self, step: int, link: object) -> str | None:
        """Return where the next page begins; a link that leads elsewhere is not followed."""
        if link is None:
            return f"{step + 1}:" if step < len(STEPS) else None
        root = f"{self.api.url}{ROOT}"
        if not isinstance(link, str) or not link.startswith(root):
            raise CrmAwayError("Dynamics: the next page is at another address")
        return f"{step}:{link[len(root) :]}"

    def _lead(self, row: Mapping[str, Any]) -> PulledLead:
        told = by_field(self.fields, row)
        deal = row.get(OPPORTUNITY) or {}
        became = {str(WON): "won", str(LOST): "lost"}.get(str(deal.get("statecode")))
        closed, value = deal.get("actualclosedate"), deal.get("actualvalue")
        if not deal and row.get("statecode") == DISQUALIFIED:
            became, closed = "lost", row.get("modifiedon")
        return PulledLead(
            record_id=str(row[KEY]),
            known=known_of(self.fields, told),
            attributes=attributes_of(self.fields, told),
            outcome=became,
            outcome_at=moment(closed, "actualclosedate") if became else None,
            opportunity_at=moment(deal.get("createdon"), "createdon"),
            value=float(value) if value is not None and became == "won" else None,
        )

    def _deed(self, deeds: Deeds, row: Mapping[str, Any]) -> PulledActivity | None:
        """Return an activity; None where it is about no lead or the map leaves it out."""
        event = deeds.event
        if deeds.is_directed:
            event += "_out" if row.get("directioncode") else "_in"
        kind = self.fields.incoming.activities.get(event)
        recorded = moment(row.get("createdon"), "createdon")
        at = moment(row.get(deeds.at), deeds.at) or recorded
        if kind is None or at is None or row.get(ABOUT_LEAD, "lead") != "lead":
            return None
        actor = "staff" if kind in self.fields.incoming.staff else "lead"
        about = [str(row[REGARDING])]
        return PulledActivity(f"dynamics-{row['activityid']}", about, kind, at, recorded, actor)


def dynamics_pull(settings: CrmSettings, _clock: Clock) -> DynamicsPull:
    """Return the reader that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    fields = read_fields("dynamics", settings.dynamics_fields)
    return DynamicsPull(dynamics_api(settings), fields)
