"""Asks Odoo over its JSON-2 interface, and says what its errors mean."""

import re
from typing import Any
from urllib.parse import urlsplit

from features.errors import ConfigError
from service.crm.settings import CrmSettings, secret
from service.crm.webhook_out import retry_after
from service.errors import CrmAwayError, CrmRefusedError
from service.settings import PREFIX

SECONDS = 60.0
NO_FIELD = re.compile(r"Invalid field '?([A-Za-z0-9_.]{1,100})'?")
REFUSED = (400, 409, 413, 422)
GONE = "MissingError"
DENIED = "AccessError"


class OdooApi:
    """One Odoo, from version 19 on.

    Parameters
    ----------
    url : str
        Where it answers.
    key : str
        An API key of the user that reads and writes leads.
    database : str
        Needed where several share the address.
    """

    def __init__(self, url: str, key: str, database: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"bearer {key}", "User-Agent": "lead-scoring"}
        if database:
            self._headers["X-Odoo-Database"] = database

    def call(self, model: str, method: str, **given: Any) -> Any:
        """Return what a method of a model returns; `ids` names the records.

        Raises
        ------
        CrmRefusedError
            When Odoo refuses what the request says.
        CrmAwayError
            When it takes no request.
        """
        import httpx2

        try:
            answer = httpx2.post(
                f"{self.url}/json/2/{model}/{method}",
                json=given,
                headers=self._headers,
                timeout=SECONDS,
            )
        except httpx2.HTTPError as error:
            raise CrmAwayError(f"Odoo does not answer ({type(error).__name__})") from None
        try:
            told = answer.json()
        except ValueError:
            told = None
        if answer.status_code == 200 and told is not None:
            return told
        waits = retry_after(answer.headers)
        raise problem(answer.status_code, told if isinstance(told, dict) else {}, waits)


def problem(status: int, told: dict[str, Any], waits: float | None = None) -> Exception:
    """Return what an answer means that is an error; its message may hold values, and is left.

    Examples
    --------
    >>> problem(404, {"name": "odoo.exceptions.MissingError"})
    CrmRefusedError('Odoo answers 404 MissingError')
    """
    name = str(told.get("name") or "").rpartition(".")[2][:60]
    said = f"Odoo answers {status} {name if name.isidentifier() else ''}".strip()
    if status == 401:
        return CrmAwayError(f"Odoo refuses the key (401); is {PREFIX}ODOO_KEY valid?")
    if status == 403 or name == DENIED:
        return CrmAwayError(f"Odoo: the key's user may not do this ({said})")
    field = NO_FIELD.search(str(told.get("message")))
    if field is not None:
        return CrmAwayError(f"Odoo has no field {field[1]}; create it")
    if status in REFUSED or name == GONE:
        return CrmRefusedError(said)
    return CrmAwayError(said, waits)


def odoo_api(settings: CrmSettings) -> OdooApi:
    """Return what asks the Odoo of the settings.

    Raises
    ------
    ConfigError
        When address or key are missing.
    """
    url = settings.odoo_url or ""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{PREFIX}ODOO_URL: expected such as https://mycompany.odoo.com")
    return OdooApi(url, secret(settings.odoo_key, "ODOO_KEY"), settings.odoo_database or "")
