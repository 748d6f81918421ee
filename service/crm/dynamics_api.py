"""Asks the Web API of Dynamics 365, with tokens by Microsoft's own library."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from features.errors import ConfigError
from service.crm.settings import CrmSettings, secret
from service.crm.webhook_out import retry_after
from service.errors import CrmAwayError, CrmRefusedError
from service.settings import PREFIX

SECONDS = 60.0
ROOT = "/api/data/v9.2/"
HEADERS = {"Accept": "application/json", "OData-Version": "4.0", "OData-MaxVersion": "4.0"}
NO_COLUMN = re.compile(r"property '([A-Za-z0-9_]{1,100})'")
UNDECLARED = ("0x80048d19", "0x80060888")
"""What the payload or the query names is not there."""
REFUSED = (400, 404, 405, 409, 412, 413)
TOO_MANY = 429
WHERE = f"{PREFIX}DYNAMICS_TENANT, _CLIENT, _SECRET"


class Tokens:
    """Access tokens of an application; kept and renewed by MSAL.

    Parameters
    ----------
    authority : str
        Address of the tenant's directory.
    client, secret : str
        Of the application.
    http : object, optional
        Sends MSAL's requests.
    """

    def __init__(self, authority: str, client: str, secret: str, http: Any = None) -> None:
        self._authority = authority
        self._client = client
        self._secret = secret
        self._http = http
        self._application: Any = None

    def token(self, scope: str, *, renew: bool = False) -> str:
        """Return a token, another one than before where it is to be renewed.

        Raises
        ------
        CrmAwayError
            When there is none to be had.
        """
        import msal
        from requests import RequestException

        try:
            if self._application is None or renew:
                self._application = msal.ConfidentialClientApplication(
                    self._client,
                    client_credential=self._secret,
                    authority=self._authority,
                    http_client=self._http,
                    timeout=None if self._http else SECONDS,
                )
            told = self._application.acquire_token_for_client([scope])
        except (RequestException, ValueError) as error:
            name = type(error).__name__
            raise CrmAwayError(f"no token from the directory ({name}); see {WHERE}") from None
        if "access_token" in told:
            return str(told["access_token"])
        code = str(told.get("error"))[:60]
        said = code if code.isidentifier() else "no reason told"
        raise CrmAwayError(f"the directory refuses the credentials ({said}); see {WHERE}")


class DynamicsApi:
    """One environment of Dynamics 365.

    Parameters
    ----------
    url : str
        Where it answers.
    tokens : Tokens
    """

    def __init__(self, url: str, tokens: Tokens) -> None:
        self.url = url.rstrip("/")
        self._tokens = tokens

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what an address below the Web API's root holds.

        Raises
        ------
        CrmRefusedError, CrmAwayError
            See `send`.
        """
        answer = self.send("GET", path, headers or {})
        try:
            told = answer.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise CrmAwayError("Dynamics answers something else than JSON")
        return told

    def send(self, method: str, path: str, headers: Mapping[str, str], content: bytes = b"") -> Any:
        """Return the answer to a request; a token that has expired is renewed once.

        Raises
        ------
        CrmRefusedError
            When Dynamics refuses what the request says.
        CrmAwayError
            When it takes no request.
        """
        import httpx2

        scope = f"{self.url}/.default"
        for renew in (False, True):
            token = self._tokens.token(scope, renew=renew)
            try:
                answer = httpx2.request(
                    method,
                    f"{self.url}{ROOT}{path}",
                    content=content,
                    headers={**HEADERS, **headers, "Authorization": f"Bearer {token}"},
                    timeout=SECONDS,
                )
            except httpx2.HTTPError as error:
                raise CrmAwayError(f"Dynamics does not answer ({type(error).__name__})") from None
            if answer.status_code != 401:
                break
        if answer.status_code < 300:
            return answer
        try:
            told = answer.json()
        except ValueError:
            told = {}
        raise problem(answer.status_code, told, retry_after(answer.headers))


def problem(status: int, told: Any, waits: float | None = None) -> CrmAwayError | CrmRefusedError:
    """Return what an error means; its message may hold values, and is left.

    Examples
    --------
    >>> problem(404, {"error": {"code": "0x80040217", "message": "Entity 'lead' With Id = ..."}})
    CrmRefusedError('Dynamics answers 404 0x80040217')
    """
    error = told.get("error") if isinstance(told, dict) else None
    error = error if isinstance(error, dict) else {}
    code = str(error.get("code") or "")[:60]
    said = f"Dynamics answers {status} {code if code.isalnum() else ''}".strip()
    if status == 401:
        return CrmAwayError(f"Dynamics refuses the token (401); see {WHERE}")
    if status == 403:
        return CrmAwayError(f"{said}; may the application's user do this?")
    column = NO_COLUMN.search(str(error.get("message")))
    if status == 400 and column is not None and code in UNDECLARED:
        return CrmAwayError(f"Dynamics has no column {column[1]}; create it")
    return CrmRefusedError(said) if status in REFUSED else CrmAwayError(said, waits)


def dynamics_api(settings: CrmSettings) -> DynamicsApi:
    """Return what asks the Dynamics 365 of the settings.

    Raises
    ------
    ConfigError
        When address, tenant, client or secret are missing.
    """
    url = settings.dynamics_url or ""
    if urlsplit(url).scheme != "https":
        raise ConfigError(f"{PREFIX}DYNAMICS_URL: expected such as https://mine.crm.dynamics.com")
    for name in ("tenant", "client"):
        if not getattr(settings, f"dynamics_{name}"):
            raise ConfigError(f"{PREFIX}DYNAMICS_{name.upper()}: is needed for this and is not set")
    authority = f"{settings.dynamics_authority.rstrip('/')}/{settings.dynamics_tenant}"
    key = secret(settings.dynamics_secret, "DYNAMICS_SECRET")
    return DynamicsApi(url, Tokens(authority, str(settings.dynamics_client), key))
