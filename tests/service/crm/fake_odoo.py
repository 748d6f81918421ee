"""An Odoo on this machine that takes only what is documented of JSON-2, and counts."""

import json
from collections import Counter
from typing import Any

TYPES = {
    **{"create_date": "datetime", "write_date": "datetime", "date_closed": "datetime"},
    **{"date_conversion": "datetime", "medium_id": "many2one", "source_id": "many2one"},
    **{"partner_id": "many2one", "user_id": "many2one", "country_id": "many2one"},
    **{"campaign_id": "many2one", "email_from": "char", "phone": "char", "function": "char"},
    **{"partner_name": "char", "won_status": "selection", "expected_revenue": "monetary"},
}
EVENTS = ("mail.message", "calendar.event")


class FakeOdoo:
    """What it holds, what it does next, and what it was told.

    `troubles` are answers (status, headers, body) to the next requests, before any is looked at.
    """

    def __init__(self, leads: int, own: dict[str, str]) -> None:
        self.key = "key-1"
        self.database = ""
        self.types = TYPES | own
        self.leads: dict[int, dict[str, Any]] = {n: {"id": n} for n in range(1, leads + 1)}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in EVENTS}
        self.troubles: list[tuple[int, dict[str, str], Any]] = []
        self.down = False
        self.may_write = True
        self.requests = 0
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.url = ""

    @property
    def times(self) -> Counter[str]:
        """How often each lead was changed."""
        return Counter(lead for lead, _ in self.taken)

    def answer(
        self, method: str, path: str, headers: Any, body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        """Answer as Odoo does."""
        self.requests += 1
        if self.down:
            return 502, {}, {}
        if self.troubles:
            return self.troubles.pop(0)
        assert method == "POST"
        assert headers["Content-Type"].partition(";")[0] == "application/json"
        assert headers["User-Agent"]
        if headers.get("Authorization") != f"bearer {self.key}":
            return failed(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        assert (headers.get("X-Odoo-Database") or "") == self.database
        root, version, model, name = path.strip("/").split("/")
        assert (root, version) == ("json", "2")
        given = json.loads(body)
        if model == "crm.lead" and name in ("fields_get", "has_access", "write"):
            return self.of_lead(name, given)
        if name == "search_read" and (model == "crm.lead" or model in EVENTS):
            return self.search_read(model, given)
        return failed(404, "werkzeug.exceptions.NotFound", f"no {model} {name}")

    def of_lead(self, name: str, given: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """Answer one method of the leads; each takes its own parameters alone."""
        if name == "fields_get":
            assert set(given) == {"attributes"}
            told = {one: {"type": kind, "readonly": False} for one, kind in self.types.items()}
            return 200, {}, told
        if name == "has_access":
            assert given == {"ids": [], "operation": "write"}
            return 200, {}, self.may_write
        assert set(given) == {"ids", "vals"}
        if not self.may_write:
            return failed(403, "odoo.exceptions.AccessError", "You are not allowed")
        for field in given["vals"]:
            if field not in self.types:
                return failed(422, "builtins.ValueError", f"Invalid field '{field}' in 'crm.lead'")
        for lead in given["ids"]:
            if lead not in self.leads:
                return failed(404, "odoo.exceptions.MissingError", "Record does not exist")
        for lead in given["ids"]:
            self.leads[lead] |= given["vals"]
            self.taken.append((str(lead), given["vals"]))
        return 200, {}, True

    def search_read(self, model: str, given: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """Return a page by id; lost leads are archived, and told only where that is asked for."""
        assert set(given) == {"domain", "fields", "order", "limit", "context"}
        assert given["context"] == {"active_test": False}
        [_, operator, last], *more = given["domain"]
        assert (operator, given["order"]) == (">", "id")
        rows = [*self.leads.values()] if model == "crm.lead" else self.rows[model]
        for field, is_in, values in more:
            if is_in == "in":
                rows = [row for row in rows if row[field] in values]
        page = [row for row in rows if row["id"] > last][: given["limit"]]
        if model == "crm.lead":
            unknown = [one for one in given["fields"] if one not in self.types]
            if unknown:
                message = f"Invalid field '{unknown[0]}' on model 'crm.lead'"
                return failed(422, "builtins.ValueError", message)
        wanted = ("id", *given["fields"])
        return 200, {}, [{name: row.get(name, False) for name in wanted} for row in page]


def failed(status: int, name: str, message: str) -> tuple[int, dict[str, str], Any]:
    """Return an error as it is documented."""
    told = {"name": name, "message": message, "arguments": [message], "context": {}}
    return status, {}, told | {"debug": "Traceback (most recent call last): ..."}
