"""A Dynamics 365 and its directory that take only what is documented, and count."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = "/api/data/v9.2/"
CLIENT, SECRET, TENANT = "app-1", "app-secret", "tenant-1"
AUTHORITY = f"https://login.microsoftonline.com/{TENANT}"
USER = "00000000-0000-0000-0000-00000000000a"
TYPES = {
    **{"leadid": "Uniqueidentifier", "createdon": "DateTime", "modifiedon": "DateTime"},
    **{"leadsourcecode": "Picklist", "campaignid": "Lookup", "parentaccountid": "Lookup"},
    **{"parentcontactid": "Lookup", "ownerid": "Owner", "emailaddress1": "String"},
    **{"telephone1": "String", "jobtitle": "String", "companyname": "String"},
    **{"address1_country": "String", "industrycode": "Picklist", "statecode": "State"},
    **{"numberofemployees": "Integer", "revenue": "Money"},
}
EVENTS = ("emails", "phonecalls", "appointments")
PATCH = re.compile(rf"PATCH {ROOT}leads\(([0-9a-f-]{{36}})\) HTTP/1\.1")
BATCH = re.compile(r"multipart/mixed; boundary=(batch_[0-9a-f]+)")


def lead_id(number: int) -> str:
    """Return the id of a lead."""
    return f"00000000-0000-0000-0000-{number:012x}"


class Reply:
    """An answer as MSAL takes it from whatever sends its requests."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        self.status_code = status
        self.text = json.dumps(told)
        self.headers = {"Content-Type": "application/json"}

    def raise_for_status(self) -> None:
        """Never raise: errors are told in the body."""


class FakeDirectory:
    """Where MSAL gets its tokens."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.asked = 0
        self.token = ""

    def get(self, url: str, **_: Any) -> Reply:
        """Tell where tokens come from, and by which names the directory is known."""
        if url == "https://login.microsoftonline.com/common/discovery/instance":
            names = ["login.microsoftonline.com", "login.windows.net"]
            known = {"preferred_network": names[0], "preferred_cache": names[1], "aliases": names}
            return Reply(200, {"metadata": [known]})
        assert url == f"{AUTHORITY}/v2.0/.well-known/openid-configuration"
        told = {
            "issuer": f"{AUTHORITY}/v2.0",
            "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
            "token_endpoint": f"{AUTHORITY}/oauth2/v2.0/token",
        }
        return Reply(200, told)

    def post(self, url: str, data: dict[str, Any], **_: Any) -> Reply:
        """Give a token to who knows the secret, a new one each time."""
        assert url == f"{AUTHORITY}/oauth2/v2.0/token"
        assert data["grant_type"] == "client_credentials"
        assert data["scope"].endswith("/.default")
        self.asked += 1
        if (data["client_id"], data["client_secret"]) != (CLIENT, self.secret):
            return Reply(401, {"error": "invalid_client", "error_description": "AADSTS7000215"})
        self.token = f"token-{self.asked}"
        return Reply(200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3599})

    def close(self) -> None:
        """End."""


class FakeDynamics:
    """What it holds, what it does next, and what it was told.

    `troubles` are answers (status, headers, body) to the next requests, before any is looked at;
    `locked` are leads that it has no time for now.
    """

    def __init__(self, leads: int, own: dict[str, str]) -> None:
        self.directory = FakeDirectory()
        self.types = TYPES | own
        self.leads: dict[str, dict[str, Any]] = {lead_id(n): {} for n in range(1, leads + 1)}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in EVENTS}
        self.troubles: list[tuple[int, dict[str, str], Any]] = []
        self.down = False
        self.may_write = True
        self.locked: set[str] = set()
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
        """Answer as the Web API does."""
        self.requests += 1
        if self.down:
            return 503, {}, {}
        if self.troubles:
            return self.troubles.pop(0)
        if headers.get("Authorization") != f"Bearer {self.directory.token}":
            return 401, {}, {}
        assert headers["OData-Version"] == headers["OData-MaxVersion"] == "4.0"
        assert path.startswith(ROOT)
        asked = urlsplit(path[len(ROOT) :])
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if (method, asked.path) == ("POST", "$batch"):
            return self.batch(headers, body.decode())
        assert method == "GET"
        if asked.path == "WhoAmI":
            return 200, {}, {"UserId": USER}
        if asked.path.startswith(f"systemusers({USER})/"):
            assert asked.path.endswith("(PrivilegeName='prvWriteLead')")
            return 200, {}, {"RolePrivileges": [{"Depth": "Global"}] if self.may_write else []}
        if asked.path == "EntityDefinitions(LogicalName='lead')/Attributes":
            told = [
                {"LogicalName": name, "AttributeType": kind, "IsValidForUpdate": True}
                for name, kind in self.types.items()
            ]
            return 200, {}, {"value": told}
        return self.page(asked.path, query, headers)

    def page(
        self, table: str, query: dict[str, str], headers: Any
    ) -> tuple[int, dict[str, str], Any]:
        """Return a page of a table, as long as was asked for, and where the next one is."""
        preferred = headers["Prefer"]
        size = int(re.findall(r"odata\.maxpagesize=([0-9]+)", preferred)[0])
        assert 'odata.include-annotations="*"' in preferred
        rows = [*self.leads_told()] if table == "leads" else self.rows[table]
        if table != "leads":
            assert query["$filter"].startswith("statecode eq 1 and")
        start = int(query.get("$skiptoken", "0"))
        told: dict[str, Any] = {"value": rows[start : start + size]}
        if start + size < len(rows):
            kept = "&".join(
                f"{name}={value}" for name, value in query.items() if name != "$skiptoken"
            )
            told["@odata.nextLink"] = (
                f"{self.url}{ROOT}{table}?{kept}&$skiptoken={start + size}".replace(" ", "%20")
            )
        return 200, {}, told

    def leads_told(self) -> Iterator[dict[str, Any]]:
        """Yield the leads as rows."""
        for lead, values in self.leads.items():
            yield {"leadid": lead, "statecode": 0, **values}

    def batch(self, headers: Any, body: str) -> tuple[int, dict[str, str], Any]:
        """Answer each request of a batch by itself, in their order."""
        assert headers["Prefer"] == "odata.continue-on-error"
        found = BATCH.fullmatch(headers["Content-Type"])
        assert found is not None
        boundary = found[1]
        assert body.endswith(f"--{boundary}--\r\n")
        parts = body.removesuffix(f"--{boundary}--\r\n").split(f"--{boundary}\r\n")
        assert parts[0] == ""
        assert 1 <= len(parts) - 1 <= 1000
        answers = [self.change(part) for part in parts[1:]]
        lines = []
        for status, extra, told in answers:
            text = "" if told is None else json.dumps(told)
            lines += ["--batchresponse_1", "Content-Type: application/http"]
            lines += ["Content-Transfer-Encoding: binary", "", f"HTTP/1.1 {status} Said"]
            lines += [f"{name}: {value}" for name, value in extra.items()]
            lines += ["OData-Version: 4.0", "Content-Type: application/json", "", text]
        lines += ["--batchresponse_1--", ""]
        told_as = {"Content-Type": "multipart/mixed; boundary=batchresponse_1"}
        return 200, told_as, "\r\n".join(lines).encode()

    def change(self, part: str) -> tuple[int, dict[str, str], Any]:
        """Change one lead, never make one."""
        head, _, inner = part.partition("\r\n\r\n")
        assert head == "Content-Type: application/http\r\nContent-Transfer-Encoding: binary"
        request, _, text = inner.partition("\r\n\r\n")
        first, *more = request.split("\r\n")
        assert "If-Match: *" in more
        found = PATCH.fullmatch(first)
        assert found is not None, first
        values = json.loads(text)
        for name in values:
            if name not in self.types:
                said = f"Could not find a property named '{name}': property '{name}' is not there"
                return failed(400, "0x80048d19", said)
        lead = found[1]
        if not self.may_write:
            return failed(403, "0x80040220", "is missing prvWriteLead privilege")
        if lead not in self.leads:
            return failed(404, "0x80040217", f"Entity 'lead' With Id = {lead} Does Not Exist")
        if lead in self.locked:
            status, _, told = failed(429, "0x80072322", "Number of requests exceeded the limit")
            return status, {"Retry-After": "30"}, told
        self.leads[lead] |= values
        self.taken.append((lead, values))
        return 204, {}, None


def failed(status: int, code: str, message: str) -> tuple[int, dict[str, str], Any]:
    """Return an error as it is documented."""
    return status, {}, {"error": {"code": code, "message": message}}
