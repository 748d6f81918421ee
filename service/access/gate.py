"""The layer that asks for keys."""

from collections.abc import Awaitable, Callable
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from features.errors import LeadScoringError
from service.access.keyring import Keyring
from service.access.rate import RateLimit, Taken
from service.access.scopes import scope_of
from service.access.token import shown_token
from service.edge import error_answer
from service.errors import StoreError, TooManyRequestsError, UnauthorizedError, status_of


class Gate:
    """Lets requests pass whose key opens what they ask for.

    Parameters
    ----------
    app : ASGIApp
        The application inside.
    keyring : Keyring
    scores_alone : bool
        Whether leads may be scored while the keys cannot be read: nothing stored is told then.
    rate : RateLimit, optional
        How often each key may ask; without one as often as it likes.
    timer : callable
        Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        app: ASGIApp,
        keyring: Keyring,
        *,
        scores_alone: bool = False,
        rate: RateLimit | None = None,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self.app = app
        self.keyring = keyring
        self.scores_alone = scores_alone
        self.rate = rate
        self.timer = timer

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
        key = scope.get("key")
        if self.rate is None or key is None:
            await self.app(scope, receive, send)
            return
        taken = self.rate.take(key.key_id, self.timer())
        if not taken.allowed:
            kind = TooManyRequestsError
            detail = f"this key may ask {taken.limit} times a minute; again in {taken.seconds} s"
            answer = error_answer(status_of(kind), kind.__name__, detail)
            answer.headers.update(taken.headers())
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, telling(send, taken))

    async def _admit(self, scope: Scope, needed: str) -> None:
        if not self.keyring.loaded:
            try:
                await run_in_threadpool(self.keyring.refresh)
            except StoreError:
                if not self.scores_alone or needed != "score":
                    raise
        if self.keyring.asks:
            scope["key"] = self.keyring.admit(shown_token(scope["headers"]), needed)


def telling(send: Send, taken: Taken) -> Send:
    """Return what sends answers with what is left of a key's rate."""
    headers = [(name.lower().encode(), text.encode()) for name, text in taken.headers().items()]

    async def send_with_rate(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return send_with_rate
