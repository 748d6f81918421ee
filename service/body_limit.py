"""No route reads a body that is larger than allowed."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.edge import error_answer
from service.errors import BodyTooLargeError, status_of

BATCH = "/score/batch"


class BodyLimit:
    """Answers 413 before a route has read a body that is too large.

    Parameters
    ----------
    app : ASGIApp
        The application inside.
    most, most_of_batch : int
        Bytes of a body, and of one of `/score/batch`.
    """

    def __init__(self, app: ASGIApp, most: int, most_of_batch: int) -> None:
        self.app = app
        self.most = most
        self.most_of_batch = most_of_batch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most_of_batch if scope["path"] == BATCH else self.most
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"")
        if declared.isdigit():
            held: list[Message] | None = [] if int(declared) <= most else None
        elif b"transfer-encoding" in headers:
            held = await arrived(receive, most)
        else:
            held = []
        if held is None:
            kind = BodyTooLargeError
            detail = f"the body is larger than {most} bytes"
            await error_answer(status_of(kind), kind.__name__, detail)(scope, receive, send)
            return
        await self.app(scope, after(held, receive) if held else receive, send)


async def arrived(receive: Receive, most: int) -> list[Message] | None:
    """Return a whole body of unknown length, None when it is too large."""
    held: list[Message] = []
    size = 0
    while True:
        message = await receive()
        held.append(message)
        size += len(message.get("body", b""))
        if size > most:
            return None
        if not message.get("more_body", False):
            return held


def after(held: list[Message], receive: Receive) -> Receive:
    """Return what gives what was held back first, then what comes."""
    waiting = iter(held)

    async def receive_held() -> Message:
        for message in waiting:
            return message
        return await receive()

    return receive_held
