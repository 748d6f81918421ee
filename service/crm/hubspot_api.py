"""Asks HubSpot, over its own client, and says what its errors mean."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from service.crm.webhook_out import retry_after
from service.errors import CrmAwayError, CrmRefusedError

SECONDS = 60.0
Answer = TypeVar("Answer")


class HubSpotApi:
    """Asks with the token of a private app.

    Parameters
    ----------
    token : str
    url : str
        Where HubSpot answers.
    """

    def __init__(self, token: str, url: str) -> None:
        self.token = token
        self.url = url.rstrip("/")

    def client(self) -> Any:
        """Return HubSpot's client; it asks once, since by itself it sleeps when told to wait."""
        from hubspot import HubSpot
        from urllib3 import Retry

        return HubSpot(access_token=self.token, host=self.url, retry=Retry(0))

    def ask(self, question: Callable[[], Answer], failure: type[Exception]) -> Answer:
        """Return HubSpot's answer.

        Parameters
        ----------
        failure : type
            The client's exception; each part of it has its own.

        Raises
        ------
        CrmRefusedError
            When it refuses what the request says.
        CrmAwayError
            When it takes no request.
        """
        from urllib3.exceptions import HTTPError

        try:
            return question()
        except HTTPError as error:
            raise CrmAwayError(f"HubSpot does not answer ({type(error).__name__})") from None
        except failure as error:
            raise problem(error) from None


def problem(error: Any) -> Exception:
    """Return what an error of HubSpot's client means; its message may hold values, and is left."""
    try:
        body = json.loads(error.body or "{}")
    except ValueError:
        body = {}
    status, category = error.status, str(body.get("category") or "")[:60]
    if status == 400:
        missing = missing_fields(body)
        if not missing:
            return CrmRefusedError(f"HubSpot answers 400 {category}".strip())
        return CrmAwayError(f"HubSpot has no property {', '.join(missing)}; create it")
    if status == 401:
        return CrmAwayError("HubSpot refuses the token (401); is LEAD_SCORING_HUBSPOT_TOKEN valid?")
    if status == 403:
        return CrmAwayError(f"HubSpot: the token lacks a scope (403 {category})")
    if status in (404, 409, 413, 415, 422):
        return CrmRefusedError(f"HubSpot answers {status} {category}".strip())
    return CrmAwayError(f"HubSpot answers {status}", retry_after(error.headers or {}))


def missing_fields(body: Mapping[str, Any]) -> list[str]:
    """Return the properties that HubSpot says do not exist."""
    found: list[str] = []
    for error in body.get("errors") or ():
        if error.get("code") == "PROPERTY_DOESNT_EXIST":
            found += [str(name) for name in (error.get("context") or {}).get("propertyName") or ()]
    if not found and "PROPERTY_DOESNT_EXIST" in str(body.get("message")):
        return ["(unnamed)"]
    return sorted(set(found))
