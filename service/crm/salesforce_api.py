"""Asks Salesforce, over the client `simple-salesforce`, and says what its errors mean."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from features.errors import ConfigError
from service.crm.settings import CrmSettings, secret
from service.errors import CrmAwayError, CrmRefusedError
from service.settings import PREFIX

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

    from service.crm.salesforce_session import SalesforceSession

VERSION = "59.0"
DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,200}")
NO_COLUMN = re.compile(r"No such column '([A-Za-z0-9_.]{1,100})'")
BUSY = ("REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "CONCURRENT_REQUEST_LIMIT_EXCEEDED")
LIMIT_SECONDS = 60.0
"""The requests of the last 24 hours are used up: no use to ask again at once."""
Answer = TypeVar("Answer")


class SalesforceApi:
    """Logs in when it is first asked, and again when the token has expired.

    Parameters
    ----------
    domain : str
        What stands before `.salesforce.com`.
    key, secret : str
        Of an app that may use the client credentials flow.
    session : SalesforceSession, optional
        Sends the requests.
    """

    def __init__(
        self, domain: str, key: str, secret: str, session: "SalesforceSession | None" = None
    ) -> None:
        self.domain = domain
        self._key = key
        self._secret = secret
        self._session = session
        self._client: Salesforce | None = None

    def ask(self, question: "Callable[[Salesforce], Answer]") -> Answer:
        """Return Salesforce's answer.

        Raises
        ------
        CrmRefusedError
            When it refuses what the request says.
        CrmAwayError
            When it takes no request.
        """
        from requests import RequestException
        from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

        try:
            if self._client is None:
                self._client = self._logged_in()
            return question(self._client)
        except SalesforceAuthenticationFailed as error:
            raise refused_credentials(error) from None
        except SalesforceError as error:
            raise self._problem(error) from None
        except (RequestException, ValueError) as error:
            raise CrmAwayError(f"Salesforce does not answer ({type(error).__name__})") from None

    def _logged_in(self) -> "Salesforce":
        from simple_salesforce.api import Salesforce

        if self._session is None:
            from service.crm.salesforce_session import SalesforceSession

            self._session = SalesforceSession()
        return Salesforce(
            domain=self.domain,
            consumer_key=self._key,
            consumer_secret=self._secret,
            session=self._session,
            version=VERSION,
        )

    def _problem(self, error: Any) -> Exception:
        """Return what an error means; its message may hold values, and is left."""
        code, message = first_of(error.content)
        status = error.status
        said = f"Salesforce answers {status} {code}".strip()
        if code in BUSY or status == 429 or status >= 500:
            least = LIMIT_SECONDS if code == BUSY[0] else 0.0
            asked = None if self._session is None else self._session.asked_to_wait
            return CrmAwayError(said, max(least, asked or 0.0) or None)
        if code == "INVALID_FIELD":
            column = NO_COLUMN.search(message)
            name = "(unnamed)" if column is None else column[1]
            return CrmAwayError(f"Salesforce has no field {name}, or hides it; create or show it")
        if status in (401, 403):
            return CrmAwayError(f"{said}; may the app's user do this?")
        return CrmRefusedError(said)


def refused_credentials(error: Any) -> CrmAwayError:
    """Return what a login that failed means."""
    code = error.code if isinstance(error.code, str) else ""
    where = f"{PREFIX}SALESFORCE_KEY, _SECRET, _DOMAIN"
    if code.isidentifier():
        return CrmAwayError(f"Salesforce refuses the credentials ({code}); see {where}")
    return CrmAwayError(f"Salesforce gives no token; see {where}")


def first_of(content: Any) -> tuple[str, str]:
    """Return code and message of an answer that is an error."""
    first = content[0] if isinstance(content, list) and content else content
    if not isinstance(first, dict):
        return "", ""
    code = str(first.get("errorCode") or "")[:60]
    return code if code.isidentifier() else "", str(first.get("message") or "")


def salesforce_api(settings: CrmSettings) -> SalesforceApi:
    """Return what asks the Salesforce of the settings.

    Raises
    ------
    ConfigError
        When domain, key or secret are missing.
    """
    domain = (settings.salesforce_domain or "").removeprefix("https://").rstrip("/")
    domain = domain.removesuffix(".salesforce.com")
    if not DOMAIN.fullmatch(domain):
        raise ConfigError(f"{PREFIX}SALESFORCE_DOMAIN: expected such as mycompany.my")
    key = secret(settings.salesforce_key, "SALESFORCE_KEY")
    return SalesforceApi(domain, key, secret(settings.salesforce_secret, "SALESFORCE_SECRET"))
