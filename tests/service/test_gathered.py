"""Promises of the transport that gathers writes."""

import asyncio
import socket
from typing import Any, cast

from service.gathered import GatheringTransport


class RecordingTransport:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def close(self) -> None:
        self.told.append("close")
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


def in_a_loop(*steps: str) -> list[bytes | str]:
    """Return what a transport is told: "." is the end of a turn, "close" closes."""

    async def run() -> list[bytes | str]:
        plain = RecordingTransport()
        gathering = GatheringTransport(cast(Any, plain), asyncio.get_running_loop())
        for step in steps:
            if step == ".":
                await asyncio.sleep(0)
            elif step == "close":
                gathering.close()
            else:
                gathering.write(step.encode())
        await asyncio.sleep(0)
        return plain.told

    return asyncio.run(run())


def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    assert in_a_loop("head", "body", ".", "next") == [b"headbody", b"next"]


def test_what_was_written_is_sent_before_closing_and_nothing_after() -> None:
    assert in_a_loop("head", "body", "close", "late") == [b"headbody", "close"]


def test_all_else_is_the_transports_own() -> None:
    gathering = GatheringTransport(cast(Any, RecordingTransport()), cast(Any, None))
    assert gathering.get_extra_info("socket") == "the socket"
    assert not gathering.is_closing()


def test_a_server_answers_over_it_and_keeps_the_connection() -> None:
    async def run() -> list[bytes]:
        class Echo(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                plain = cast(asyncio.Transport, transport)
                self.out = GatheringTransport(plain, asyncio.get_running_loop())

            def data_received(self, data: bytes) -> None:
                self.out.write(b"<")
                self.out.write(data + b">")

        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        transport, _ = await loop.create_connection(Echo, sock=ours)
        answers = []
        for word in (b"one", b"two"):
            await loop.sock_sendall(theirs, word)
            answers.append(await loop.sock_recv(theirs, 100))
        transport.close()
        theirs.close()
        return answers

    assert asyncio.run(run()) == [b"<one>", b"<two>"]
