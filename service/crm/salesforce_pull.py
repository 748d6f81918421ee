"""Reads all of Salesforce's leads, what became of them, and their activities, page by page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.moments import iso, number
from service.crm.reader import Page, PulledActivity, PulledLead, PulledOutcome
from service.crm.salesforce_api import SalesforceApi, salesforce_api
from service.crm.settings import CrmSettings
from service.errors import CrmAwayError, CrmRefusedError

DEAL = "ConvertedOpportunity"
OF_LEADS = (
    *("Id", "CreatedDate", "Status", "IsConverted", "ConvertedDate", "ConvertedContactId"),
    *(f"{DEAL}.{name}" for name in ("IsWon", "IsClosed", "CloseDate", "Amount", "CreatedDate")),
)
HISTORY = "LeadHistory"
OTHERS: Mapping[str, tuple[str, ...]] = {
    HISTORY: ("Id", "LeadId", "NewValue", "CreatedDate"),
    "Task": (*("Id", "WhoId", "TaskSubtype", "CreatedDate", "CompletedDateTime", "ActivityDate"),),
    "Event": ("Id", "WhoId", "EventSubtype", "CreatedDate", "StartDateTime"),
    "CampaignMember": (
        *("Id", "LeadId", "ContactId", "HasResponded", "FirstRespondedDate", "CreatedDate"),
    ),
}
WHERE = {
    "Task": "IsDeleted = false AND WhoId != null",
    "Event": "IsDeleted = false AND WhoId != null",
    "CampaignMember": "HasResponded = true",
}
"""Of tasks and events queryAll also finds those that were archived, after a year."""
ARCHIVED = ("Task", "Event")
NOT_THERE = "INVALID_TYPE"
"""Said of a table that an organization has not, or hides from the app's user."""


class SalesforcePull:
    """Reads one page of one table after the other.

    A page begins where Salesforce's own cursor says; should that have expired meanwhile, behind
    the last id that came, since rows come by their ids.

    Parameters
    ----------
    api : SalesforceApi
    fields : FieldMap
    """

    name = "salesforce"

    def __init__(self, api: SalesforceApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields
        self.tables = (fields.object, *OTHERS)

    def pull(self, after: str | None) -> Page:
        """Return the page that begins at a place.

        Raises
        ------
        CrmAwayError
            See `Reader`; also when the app's user may not read a table or a field.
        """
        place = json.loads(after) if after else {"table": self.tables[0]}
        table = place["table"]
        rows, cursor = self._page(table, place.get("cursor"), place.get("last"))
        following: dict[str, Any] | None = None
        if cursor is not None:
            following = {"table": table, "cursor": cursor, "last": rows[-1]["Id"]}
        elif table != self.tables[-1]:
            following = {"table": self.tables[self.tables.index(table) + 1]}
        then = None if following is None else json.dumps(following)
        if table == HISTORY:
            ends = [one for row in rows if (one := self._closed(row)) is not None]
            return Page([], [], then, ends)
        if table == self.fields.object:
            said = [self._outcome(row) for row in rows]
            return Page([self._lead(row) for row in rows], [], then, said)
        return Page([], [one for row in rows for one in self._activity(table, row)], then)

    def _page(
        self, table: str, cursor: str | None, last: str | None
    ) -> tuple[Sequence[Mapping[str, Any]], str | None]:
        try:
            page = None if cursor is None else self._more(cursor)
            if page is None:
                query, old = self._query(table, last), table in ARCHIVED
                page = self.api.ask(lambda c: c.query(query, include_deleted=old))
        except CrmRefusedError as error:
            if table in OTHERS and NOT_THERE in str(error):
                return [], None
            raise CrmAwayError(f"{table} cannot be read: {error}") from None
        return page["records"], None if page["done"] else page["nextRecordsUrl"]

    def _more(self, cursor: str) -> Any:
        """Return what a cursor shows, None where it has expired."""
        try:
            return self.api.ask(lambda c: c.query_more(cursor, identifier_is_url=True))
        except CrmRefusedError as error:
            if "INVALID_QUERY_LOCATOR" in str(error):
                return None
            raise

    def _query(self, table: str, last: str | None) -> str:
        conditions = [WHERE[table]] if table in WHERE else []
        if table == HISTORY:
            conditions = [f"Field = '{self.fields.outcome.field}'"]
        if last is not None:
            conditions.append(f"Id > '{last}'")
        names: Sequence[str] = OTHERS.get(table, ())
        if table == self.fields.object:
            incoming = self.fields.incoming
            names = list(dict.fromkeys([*OF_LEADS, *incoming.lead, *incoming.attributes]))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {', '.join(names)} FROM {table}{where} ORDER BY Id"

    def _lead(self, row: Mapping[str, Any]) -> PulledLead:
        incoming = self.fields.incoming
        known = {role: row.get(name) for name, role in incoming.lead.items()}
        known["created_at"] = iso(row["CreatedDate"])
        today = {of: row.get(name) for name, of in incoming.attributes.items()}
        contact = row.get("ConvertedContactId")
        return PulledLead(row["Id"], known, today, also=[contact] if contact else [])

    def _closed(self, row: Mapping[str, Any]) -> PulledOutcome | None:
        """Return when a lead came to a status that closes it; what it is now, it says itself."""
        meaning = self.fields.outcome.meaning(row["NewValue"])
        if meaning not in ("won", "lost"):
            return None
        return PulledOutcome([row["LeadId"]], meaning, iso(row["CreatedDate"]))

    def _outcome(self, row: Mapping[str, Any]) -> PulledOutcome:
        came, opened = iso(row["CreatedDate"]) or "", later(row.get("ConvertedDate"), row)
        meaning = self.fields.outcome.meaning(row.get("Status"))
        deal = row.get(DEAL)
        if deal:
            outcome = "won" if deal["IsWon"] else "lost" if deal["IsClosed"] else None
            at = later(deal.get("CloseDate"), row) if outcome else None
            value = number(deal.get("Amount")) if outcome == "won" else None
            began = max(came, iso(deal.get("CreatedDate")) or opened or came)
            return PulledOutcome([row["Id"]], outcome, at, began, value)
        if row.get("IsConverted"):
            closed = meaning if meaning == "won" else None
            return PulledOutcome([row["Id"]], closed, opened if closed else None, opened)
        return PulledOutcome([row["Id"]], meaning if meaning in ("won", "lost") else None, None)

    def _activity(self, table: str, row: Mapping[str, Any]) -> Iterator[PulledActivity]:
        if table == "CampaignMember":
            kind, whose = f"{table}.Responded", [row.get("LeadId"), row.get("ContactId")]
            at = later(row.get("FirstRespondedDate"), row)
        else:
            kind, whose = f"{table}.{row.get(f'{table}Subtype') or table}", [row["WhoId"]]
            named = ("CompletedDateTime", "StartDateTime", "ActivityDate", "CreatedDate")
            at = next((found for name in named if (found := iso(row.get(name)))), None)
        meant = self.fields.incoming.activities.get(kind)
        if meant is None or at is None:
            return
        actor = "staff" if meant in self.fields.incoming.staff else "lead"
        known = max(at, iso(row.get("CreatedDate")) or at)
        ids = [one for one in whose if one]
        yield PulledActivity(row["Id"], ids, meant, at, known, actor)


def later(day: Any, row: Mapping[str, Any]) -> str | None:
    """Return the beginning of a day, but not before its row was created."""
    at, came = iso(day), iso(row["CreatedDate"])
    if at is None or came is None or at > came:
        return at
    return iso(after_a_second(came))


def after_a_second(moment: str) -> str:
    """Return the next second: what ends a row cannot come at the moment of its beginning.

    Examples
    --------
    >>> after_a_second("2026-01-02T00:00:00Z")
    '2026-01-02T00:00:01+00:00'
    """
    return (datetime.fromisoformat(moment) + timedelta(seconds=1)).isoformat()


def salesforce_pull(settings: CrmSettings, _clock: Clock) -> SalesforcePull:
    """Return the reader that the settings describe.

    Raises
    ------
    ConfigError
        When a setting is missing.
    """
    fields = read_fields("salesforce", settings.salesforce_fields)
    return SalesforcePull(salesforce_api(settings), fields)
