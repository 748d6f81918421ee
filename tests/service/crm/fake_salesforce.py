"""A Salesforce on this machine that takes only what is documented, and counts."""

import json
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from service.crm.salesforce_session import SalesforceSession

VERSION = "/services/data/v59.0"
COLLECTION = f"{VERSION}/composite/sobjects"
TOKEN = "/services/oauth2/token"
MOST_RECORDS = 200
BASIC = "Basic a2V5OnNlY3JldA=="
"""key:secret"""
ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
Answer = tuple[int, dict[str, str], Any]


def lead_key(number: int) -> str:
    """Return the id of a lead."""
    return f"00Q5f{number:010d}EAA"


class FakeSalesforce:
    """What it holds, what it does next, and what it was told.

    `troubles` are answers to the next requests, before any is looked at; `broken` are errors by
    lead that it gives for now; a token holds for `requests_per_token` requests.
    """

    def __init__(self, leads: int, fields: dict[str, str]) -> None:
        self.leads: dict[str, dict[str, Any]] = {lead_key(n): {} for n in range(1, leads + 1)}
        self.fields = dict(fields)
        self.read_only: set[str] = set()
        self.troubles: list[Answer] = []
        self.down = False
        self.secret_holds = True
        self.broken: dict[str, str] = {}
        self.requests = self.logins = 0
        self.requests_per_token = 1_000_000
        self.left = 0
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.tables: dict[str, list[dict[str, Any]]] = {}
        self.cursors: dict[str, list[dict[str, Any]]] = {}
        self.page = 2000
        self.url = ""

    @property
    def times(self) -> Counter[str]:
        """How often each lead was changed."""
        return Counter(lead for lead, _ in self.taken)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """Answer as Salesforce does."""
        self.requests += 1
        if self.down:
            return 503, {}, failed("SERVER_UNAVAILABLE", "down")
        if self.troubles:
            return self.troubles.pop(0)
        address = urlsplit(path)
        if (method, address.path) == ("POST", TOKEN):
            return self.token(headers, body)
        if headers.get("Authorization") != f"Bearer token-{self.logins}" or self.left < 1:
            return 401, {}, failed("INVALID_SESSION_ID", "Session expired or invalid")
        self.left -= 1
        if (method, address.path) == ("GET", f"{VERSION}/sobjects/Lead/describe"):
            told = [self.described(*one) for one in self.fields.items()]
            return 200, {}, {"name": "Lead", "fields": told}
        if (method, address.path) == ("PATCH", COLLECTION):
            assert headers["Content-Type"] == "application/json"
            return self.update(json.loads(body))
        if method == "GET" and address.path.startswith((f"{VERSION}/query", f"{VERSION}/queryAll")):
            return self.query(address.path, parse_qs(address.query))
        return 404, {}, failed("NOT_FOUND", f"no {method} {address.path}")

    def token(self, headers: Any, body: bytes) -> Answer:
        """Give a token by the client credentials flow."""
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert parse_qs(body.decode()) == {"grant_type": ["client_credentials"]}
        if headers.get("Authorization") != BASIC or not self.secret_holds:
            told = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return 400, {}, told
        self.logins += 1
        self.left = self.requests_per_token
        told = {
            "access_token": f"token-{self.logins}",
            "instance_url": "https://acme.my.salesforce.com",
            "id": "https://login.salesforce.com/id/00D/005",
            "token_type": "Bearer",
            "issued_at": "1767312000000",
            "signature": "s",
        }
        return 200, {}, told

    def described(self, name: str, kind: str) -> dict[str, Any]:
        """Return a field as it is described."""
        writes = name not in self.read_only
        return {"name": name, "type": kind, "updateable": writes, "length": 255, "custom": False}

    def update(self, body: dict[str, Any]) -> Answer:
        """Update a collection: an unknown field refuses the whole, all else one record."""
        assert set(body) == {"allOrNone", "records"}
        assert body["allOrNone"] is False
        records = body["records"]
        if not 1 <= len(records) <= MOST_RECORDS:
            told = f"The number of records: {len(records)}, exceeds the limit"
            return 400, {}, failed("EXCEEDED_MAX_SIZE_REQUEST", told)
        names = [one["id"] for one in records]
        assert len(set(names)) == len(names), "a lead stands twice in a request"
        for one in records:
            assert one["attributes"] == {"type": "Lead"}
            unknown = sorted(set(one) - {"attributes", "id"} - set(self.fields))
            if unknown:
                message = f"No such column '{unknown[0]}' on sobject of type Lead"
                return 400, {}, failed("INVALID_FIELD", message)
        return 200, {}, [self.written(one) for one in records]

    def written(self, record: dict[str, Any]) -> dict[str, Any]:
        """Write one record, or say why not."""
        key = record["id"]
        if not ID.fullmatch(key):
            return wrong("MALFORMED_ID", f"id value of incorrect type: {key}")
        if key in self.broken:
            return wrong(self.broken[key], "no")
        if key not in self.leads:
            return wrong("ENTITY_IS_DELETED", "entity is deleted")
        values = {name: v for name, v in record.items() if name not in ("attributes", "id")}
        for name, value in values.items():
            number = self.fields[name] in ("double", "int")
            assert value is None or isinstance(value, int | float if number else str), name
        self.leads[key] |= values
        self.taken.append((key, values))
        return {"id": key, "success": True, "errors": []}

    def query(self, path: str, asked: dict[str, list[str]]) -> Answer:
        """Answer a query, or give the next page of one."""
        if "q" not in asked:
            cursor = path.rpartition("/")[2]
            rows = self.cursors.pop(cursor, None)
            if rows is None:
                return 400, {}, failed("INVALID_QUERY_LOCATOR", "invalid query locator")
            return 200, {}, self.paged(rows)
        found = re.fullmatch(
            r"SELECT (?P<fields>[\w., ]+) FROM (?P<table>\w+)"
            r"(?: WHERE (?P<where>.+?))? ORDER BY Id",
            asked["q"][0],
        )
        assert found, asked["q"][0]
        if found["table"] not in self.tables:
            message = f"sObject type '{found['table']}' is not supported."
            return 400, {}, failed("INVALID_TYPE", message)
        rows = self.tables[found["table"]]
        of = re.search(r"Field = '(\w+)'", found["where"] or "")
        rows = [row for row in rows if of is None or row["Field"] == of[1]]
        after = re.search(r"Id > '(\w+)'", found["where"] or "")
        names = found["fields"].split(", ")
        assert len(set(names)) == len(names), "a field stands twice in a query"
        wanted = [row for row in rows if after is None or row["Id"] > after[1]]
        if "IsDeleted = false" in (found["where"] or ""):
            assert path.startswith(f"{VERSION}/queryAll"), "deleted rows come by queryAll alone"
            wanted = [row for row in wanted if not row.get("IsDeleted")]
        for name in names:
            if wanted and name.partition(".")[0] not in wanted[0]:
                message = f"No such column '{name}' on entity '{found['table']}'"
                return 400, {}, failed("INVALID_FIELD", message)
        shown = [
            {"attributes": {"type": found["table"], "url": f"{VERSION}/sobjects/x"}}
            | {name.partition(".")[0]: row[name.partition(".")[0]] for name in names}
            for row in sorted(wanted, key=lambda row: row["Id"])
        ]
        return 200, {}, self.paged(shown, total=len(shown))

    def paged(self, rows: list[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
        """Return a page of rows, and where the next one is."""
        page: dict[str, Any] = {"totalSize": len(rows) if total is None else total}
        page |= {"done": len(rows) <= self.page, "records": rows[: self.page]}
        if not page["done"]:
            cursor = f"01g5f0000{self.requests:09d}-{self.page}"
            self.cursors[cursor] = rows[self.page :]
            page["nextRecordsUrl"] = f"{VERSION}/query/{cursor}"
        return page


def failed(code: str, message: str) -> list[dict[str, str]]:
    """Return the body of an error."""
    return [{"message": message, "errorCode": code}]


def wrong(code: str, message: str) -> dict[str, Any]:
    """Return what is told of a record that was not written."""
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


class ToFake(HTTPAdapter):
    """Brings what is sent to Salesforce's host to a fake one on this machine."""

    def __init__(self, fake: FakeSalesforce) -> None:
        super().__init__()
        self.fake = fake

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Send a request to the fake."""
        address = urlsplit(str(request.url))
        assert (address.scheme, address.netloc) == ("https", "acme.my.salesforce.com")
        assert options["timeout"] is not None
        request.url = str(request.url).replace(f"https://{address.netloc}", self.fake.url)
        return super().send(request, *args, **options)


def session_of(fake: FakeSalesforce) -> SalesforceSession:
    """Return a session whose Salesforce is a fake one."""
    session = SalesforceSession()
    session.trust_env = False
    session.mount("https://", ToFake(fake))
    return session
