"""Sends what is written in one turn of the event loop at once."""

import asyncio
from time import monotonic
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TOO_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: 75\r\n\r\n"
    b'{"error":"TooSlowError","detail":"the request took too long to come here."}'
)


class GatheringTransport:
    """Joins the writes of one turn of the event loop.

    Head and body of an answer are two writes, each of which would be a packet of its own and
    wake the client; sending takes longer than most else of a request.

    Parameters
    ----------
    transport : asyncio.Transport
        Does everything else.
    loop : asyncio.AbstractEventLoop
        Whose turns count.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Return what the transport has."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send at the end of this turn, with what else is written until then."""
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        """Send what is left, then close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        written, self._written = self._written, []
        if written and not self._transport.is_closing():
            self._transport.write(b"".join(written))


class GatheringProtocol(HttpToolsProtocol):
    """HTTP over a transport that gathers writes; what does not arrive in time is given up."""

    arrival_seconds = 30.0
    _arriving = True
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        plain = cast(asyncio.Transport, transport)
        super().connection_made(cast(asyncio.Transport, GatheringTransport(plain, self.loop)))
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._arriving = False
        self._watch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; most requests are there at once and need no watch."""
        super().data_received(data)
        if self._arriving or self._late is not None:
            self._watch()

    def on_message_begin(self) -> None:
        """Begin to read a request, and note when, so that its wait can be told."""
        super().on_message_begin()
        self._arriving = True
        self.scope["arrived"] = monotonic()  # type: ignore[typeddict-unknown-key] # ours

    def on_message_complete(self) -> None:
        """End to read a request."""
        self._arriving = False
        super().on_message_complete()

    def _watch(self) -> None:
        if not self._arriving and self._late is not None:
            self._late.cancel()
            self._late = None
        elif self._arriving and self._late is None:
            self._late = self.loop.call_later(self.arrival_seconds, self._give_up)

    def _give_up(self) -> None:
        """Close a connection on which a request does not arrive."""
        self._late = None
        if self.cycle is None or not self.cycle.response_started:
            self.transport.write(TOO_LATE)
        self.transport.close()


def arriving_within(seconds: float) -> type[GatheringProtocol]:
    """Return the protocol for requests that have to be there after so many seconds."""
    return type("Protocol", (GatheringProtocol,), {"arrival_seconds": seconds})
