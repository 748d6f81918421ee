"""The straight way to the one route that has to be fast."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from features.errors import LeadScoringError
from service.edge import answer_known_error

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class Shortcut:
    """Hands one route's requests to its handler, past the framework's layers and routing.

    They and their bookkeeping take as long as scoring a lead. The same handler stands in the
    framework's routes, which describe it.

    Parameters
    ----------
    app : ASGIApp
        Answers everything else.
    straight : ASGIApp
        Answers the route.
    method, path : str
        The route.
    """

    def __init__(self, app: ASGIApp, straight: ASGIApp, *, method: str, path: str) -> None:
        self.app = app
        self.straight = straight
        self.method = method
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of the route, pass on any other."""
        if scope["type"] != "http" or scope["path"] != self.path or scope["method"] != self.method:
            await self.app(scope, receive, send)
        else:
            await self.straight(scope, receive, send)


class Straight:
    """One handler as an application.

    Parameters
    ----------
    handler : Handler
        Of one route.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            response = await self.handler(request)
        except LeadScoringError as error:
            response = await answer_known_error(request, error)
        await response(scope, receive, send)
