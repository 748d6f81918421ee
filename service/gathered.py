"""Sends what is written in one turn of the event loop at once."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


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
    """HTTP over a transport that gathers writes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection."""
        plain = cast(asyncio.Transport, transport)
        super().connection_made(cast(asyncio.Transport, GatheringTransport(plain, self.loop)))
