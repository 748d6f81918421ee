"""Reads all of HubSpot's contacts, with dated values, deals and engagements, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from service.clock import Clock
from service.crm.field_map import FieldMap, read_fields
from service.crm.hubspot_api import SECONDS, HubSpotApi
from service.crm.moments import iso, number
from service.crm.reader import Page, PulledActivity, PulledLead, PulledOutcome
from service.crm.settings import CrmSettings, secret
from service.errors import CrmAwayError, CrmRefusedError

CONTACTS, DEALS = "contacts", "deals"
ENGAGEMENTS = ("calls", "emails", "meetings", "notes", "tasks")
PARTS = (CONTACTS, DEALS, *ENGAGEMENTS)
"""Kinds of record, in the order in which they are read."""
MOST, MOST_WITH_HISTORY = 100, 50
OF_DEALS = ("hs_is_closed_won", "hs_is_closed", "closedate", "amount", "createdate")
OF_ENGAGEMENTS = ("hs_timestamp", "hs_createdate")
DIRECTION = "hs_email_direction"
Rows: TypeAlias = Sequence[Any]


class HubSpotPull:
    """Reads one page of one kind of record after the other.

    A page begins at `kind:after`, where `after` is HubSpot's own; since records come by their
    ids, a page that is asked for again later is the same one, with what was added meanwhile.

    Parameters
    ----------
    api : HubSpotApi
    fields : FieldMap
    """

    name = "hubspot"

    def __init__(self, api: HubSpotApi, fields: FieldMap) -> None:
        self.api = api
        self.fields = fields

    def pull(self, after: str | None) -> Page:
        """Return the page that begins at a place.

        Raises
        ------
        CrmAwayError
            See `Reader`; also when the token may not read a kind of record.
        """
        part, _, at = (after or f"{CONTACTS}:").partition(":")
        rows, following = self._page(part, at or None)
        place = PARTS.index(part)
        if following is not None:
            after = f"{part}:{following}"
        else:
            after = f"{PARTS[place + 1]}:" if place + 1 < len(PARTS) else None
        if part == CONTACTS:
            said = [one for row in rows if (one := self._stage(row)) is not None]
            deeds = [deed for row in rows for deed in self._deeds(row)]
            return Page([self._lead(row) for row in rows], deeds, after, said)
        if part == DEALS:
            return Page([], [], after, [outcome_of(row) for row in rows])
        return Page([], [one for row in rows for one in self._engagement(part, row)], after)

    def _page(self, part: str, after: str | None) -> tuple[Rows, str | None]:
        from hubspot.crm.objects import ApiException

        options: dict[str, Any] = {"archived": False, "_request_timeout": SECONDS}
        if after is not None:
            options["after"] = after
        if part == CONTACTS:
            incoming, outcome = self.fields.incoming, self.fields.outcome
            dated = [*incoming.attributes, *self._moments()] + [outcome.field] * bool(outcome.field)
            now = [*incoming.lead, *filter(None, (outcome.at, outcome.value))]
            options |= {"limit": MOST_WITH_HISTORY, "properties_with_history": dated}
            options["properties"] = [*dict.fromkeys([*now, *dated])]
        else:
            known = list(OF_DEALS if part == DEALS else OF_ENGAGEMENTS)
            known += [DIRECTION] if part == "emails" else []
            options |= {"limit": MOST, "properties": known, "associations": [CONTACTS]}
        try:
            page = self.api.ask(
                lambda: self.api.client().crm.objects.basic_api.get_page(part, **options),
                ApiException,
            )
        except CrmRefusedError as error:
            raise CrmAwayError(f"{part} cannot be read: {error}") from None
        following = page.paging.next.after if page.paging and page.paging.next else None
        return page.results or (), following

    def _moments(self) -> list[str]:
        """Return the contact's properties that hold moments of activities."""
        kinds = self.fields.incoming.activities
        return [name for name in kinds if name.partition(".")[0] not in ENGAGEMENTS]

    def _lead(self, row: Any) -> PulledLead:
        incoming = self.fields.incoming
        known = {role: row.properties.get(name) or None for name, role in incoming.lead.items()}
        known["created_at"] = iso(known.get("created_at") or row.created_at)
        history = [
            (attribute, value, at)
            for name, attribute in incoming.attributes.items()
            for value, at in dated(row, name)
        ]
        today = {of: row.properties.get(name) for name, of in incoming.attributes.items()}
        return PulledLead(str(row.id), known, today, history)

    def _stage(self, row: Any) -> PulledOutcome | None:
        """Return what a contact's stage says, and since when."""
        outcome = self.fields.outcome
        meaning = outcome.meaning(row.properties.get(outcome.field or ""))
        since: dict[str, str] = {}
        for value, at in dated(row, outcome.field or ""):
            stage = outcome.meaning(value)
            if stage is not None:
                since[stage] = min(at, since.get(stage, at))
        if meaning is None and "opportunity" not in since:
            return None
        closed = meaning if meaning in ("won", "lost") else None
        began = since.get(closed or "") or iso(row.properties.get(outcome.at or ""))
        value = number(row.properties.get(outcome.value or "")) if closed == "won" else None
        return PulledOutcome(
            [str(row.id)], closed, began if closed else None, since.get("opportunity"), value
        )

    def _deeds(self, row: Any) -> Iterator[PulledActivity]:
        """Return what a contact did: each moment that a property ever held."""
        for name in self._moments():
            kind = self.fields.incoming.activities[name]
            moments = {at for value, _ in dated(row, name) if (at := iso(value)) is not None}
            for moment in sorted(moments):
                key = f"{row.id}:{name}:{moment}"
                yield PulledActivity(key, [str(row.id)], kind, moment, None, "lead")

    def _engagement(self, part: str, row: Any) -> Iterator[PulledActivity]:
        kinds = self.fields.incoming.activities
        kind = kinds.get(f"{part}.{row.properties.get(DIRECTION)}", kinds.get(part))
        at = iso(row.properties.get("hs_timestamp"))
        if kind is None or at is None:
            return
        actor = "staff" if kind in self.fields.incoming.staff else "lead"
        known = iso(row.properties.get("hs_createdate")) or at
        yield PulledActivity(f"{part}:{row.id}", contacts_of(row), kind, at, max(at, known), actor)


def outcome_of(row: Any) -> PulledOutcome:
    """Return what a deal says of its contacts."""
    told: Mapping[str, Any] = row.properties
    won, closed = told.get("hs_is_closed_won") == "true", told.get("hs_is_closed") == "true"
    outcome = "won" if won else "lost" if closed else None
    at = iso(told.get("closedate")) if outcome else None
    value = number(told.get("amount")) if won else None
    return PulledOutcome(contacts_of(row), outcome, at, iso(told.get("createdate")), value)


def contacts_of(row: Any) -> list[str]:
    """Return the contacts that a record belongs to."""
    found = (row.associations or {}).get(CONTACTS)
    return [] if found is None else sorted({str(one.id) for one in found.results or ()})


def dated(row: Any, name: str) -> list[tuple[Any, str]]:
    """Return the values that a property has had, each with its moment, the oldest first."""
    held = (row.properties_with_history or {}).get(name) or ()
    found = [(one.value or None, iso(one.timestamp)) for one in held]
    known = [(value, at) for value, at in found if at is not None]
    return sorted(known, key=lambda one: one[1])


def hubspot_pull(settings: CrmSettings, _clock: Clock) -> HubSpotPull:
    """Return the reader that the settings describe.

    Raises
    ------
    ConfigError
        When the token is missing.
    """
    api = HubSpotApi(secret(settings.hubspot_token, "HUBSPOT_TOKEN"), settings.hubspot_url)
    return HubSpotPull(api, read_fields("hubspot", settings.hubspot_fields))
