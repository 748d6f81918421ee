"""The pages as all that answers in a process."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.edge import error_answer

ANSWERS = ("/app", "/health/")


class PagesAlone:
    """Lets requests for pages through, and whether the process is well.

    Parameters
    ----------
    app : ASGIApp
        The application that has the pages among its routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say that nothing is here."""
        if scope["type"] == "lifespan" or scope["path"].startswith(ANSWERS):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            detail = "the pages under /app/ alone answer on this port"
            await error_answer(404, "NotFoundError", detail)(scope, receive, send)
