"""Sends requests to Salesforce: none waits for ever, and what an answer asks for is known."""

from typing import Any

from requests import Response, Session

from service.crm.webhook_out import retry_after
from service.errors import CrmAwayError

SECONDS = 60.0
TOKEN = "/services/oauth2/token"
WAITS = (429, 500, 502, 503, 504)


class SalesforceSession(Session):
    """A session with a time limit, which the client does not set."""

    asked_to_wait: float | None = None
    """Seconds that the last answer asks to wait."""

    def request(self, *args: Any, **options: Any) -> Response:
        """Send a request, and note how long its answer asks to wait.

        Raises
        ------
        CrmAwayError
            When no token is to be had for now, which the client takes for a wrong key, or trips
            over.
        """
        self.asked_to_wait = None
        answer = super().request(*args, **{"timeout": SECONDS, **options})
        self.asked_to_wait = retry_after(answer.headers)
        told = answer.content.lstrip()[:1] == b"{"
        if answer.url.endswith(TOKEN) and (answer.status_code in WAITS or not told):
            raise CrmAwayError(f"Salesforce answers {answer.status_code}", self.asked_to_wait)
        return answer
