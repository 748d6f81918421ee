"""The layer that asks for keys."""

from collections.abc import Awaitable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from features.errors import LeadScoringError
from service.access.keyring import Keyring
from service.access.scopes import scope_of
from service.access.token import shown_token
from service.edge import error_answer
from service.errors import StoreError, UnauthorizedError, status_of


class Gate:
    """Lets requests pass whose key opens what they ask for.

    Parameters
    ----------
    app : ASGIApp
        The application inside.
    keyring : Keyring
    scores_alone : bool
        Whether leads may be scored while the keys cannot be read: nothing stored is told then.
    """

    def __init__(self, app: ASGIApp, keyring: Keyring, *, scores_alone: bool = False) -> None:
        self.app = app
        self.keyring = keyring
        self.scores_alone = scores_alone

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a request on, or refuse it; the key's name and role stand in its scope."""
        if scope["type"] != "http" or (self.keyring.loaded and not self.keyring.asks):
            return self.app(scope, receive, send)  # not even a coroutine: leads come this way
        return self._checked(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        needed = scope_of(scope["method"], scope["path"])
        if needed is not None:
            try:
                await self._admit(scope, needed)
            except LeadScoringError as error:
                kind = type(error)
                answer = error_answer(status_of(kind), kind.__name__, str(error))
                if kind is UnauthorizedError:
                    answer.headers["WWW-Authenticate"] = "Bearer"
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _admit(self, scope: Scope, needed: str) -> None:
        if not self.keyring.loaded:
            try:
                await run_in_threadpool(self.keyring.refresh)
            except StoreError:
                if not self.scores_alone or needed != "score":
                    raise
        if self.keyring.asks:
            scope["key"] = self.keyring.admit(shown_token(scope["headers"]), needed)
