"""Decisions are written by another process, which leaves this one to the leads that come."""

import asyncio
import logging
import socket
import subprocess
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from service.errors import StoreError
from service.sink import Pending
from service.store.wire import Lines, Outbound, heard
from service.store.writer import DecisionWriter, finish

logger = logging.getLogger("lead_scoring")
AT_ONCE = 1 << 16
PAUSE_SECONDS = 1.0
"""No sooner is another process begun in the place of one that has ended."""
GONE = "the process that keeps decisions has ended; try again later"


class ProcessWriter(DecisionWriter):
    """Hands decisions to a process of its own, and hears when they are durable.

    To write a decision takes as long as to make it, and threads of one process take turns.

    Parameters
    ----------
    command : sequence of str
        What is run; the number of the socket on which it listens is added.
    clock : callable
        Seconds of a clock that never goes back.
    relaxed : bool
        See `DecisionWriter`.
    """

    def __init__(
        self, command: Sequence[str], clock: Callable[[], float], *, relaxed: bool = False
    ) -> None:
        super().__init__(relaxed=relaxed)
        self._command, self._clock = command, clock
        self._child, self._began = Child(command), clock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""
        return len(self._child.awaited)

    @property
    def process_id(self) -> int:
        """Which process writes."""
        return self._child.process_id

    def close(self) -> None:
        """Have written what still waits, and end; the event loop has ended before."""
        self._child.end()

    def _take(self, group: list[Pending]) -> None:
        if not self._child.alive and not self._begin_again():
            _tell(group, StoreError(GONE))
            return
        loop = group[0].done.get_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.add_reader(self._child.socket, self._hear)
        try:
            self._child.say(group)
        except ValueError as error:
            self._apart(group, error)
        self._send()

    def _apart(self, group: list[Pending], error: ValueError) -> None:
        """Send each alone, since one of them is no JSON."""
        if len(group) == 1:
            kind = type(error).__name__
            _tell(group, StoreError(f"a decision could not be kept ({kind})"))
            return
        for pending in group:
            self._take([pending])

    def _send(self) -> None:
        """Send what can be sent now, the rest as soon as it can be."""
        if self._loop is None:
            return
        if self._child.send():
            self._loop.remove_writer(self._child.socket)
        else:
            self._loop.add_writer(self._child.socket, self._send)

    def _hear(self) -> None:
        """Tell those whose decisions are durable, or could not be kept."""
        for pending, error in self._child.hear():
            finish(pending, error)
        if not self._child.alive and self._loop is not None:
            self._loop.remove_reader(self._child.socket)
            self._loop.remove_writer(self._child.socket)
            logger.error("the process that keeps decisions ended with %d", self._child.end())
            _tell(self._child.awaited, StoreError(GONE))
            self._child.awaited.clear()

    def _begin_again(self) -> bool:
        if self._clock() - self._began < PAUSE_SECONDS:
            return False
        self._child, self._began = Child(self._command), self._clock()
        self._loop = None
        return True


class Child:
    """The process that writes, and the socket to it.

    Parameters
    ----------
    command : sequence of str
        See `ProcessWriter`.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.socket, theirs = socket.socketpair()
        number = theirs.fileno()
        self._process = subprocess.Popen(
            [*command, str(number)], pass_fds=(number,), stdin=subprocess.DEVNULL
        )
        theirs.close()
        self.socket.setblocking(False)
        self.alive = True
        self.awaited: deque[Pending] = deque()
        self._outbound, self._lines = Outbound(), Lines()
        self._unsent = b""

    @property
    def process_id(self) -> int:
        """Which process it is."""
        return self._process.pid

    def say(self, group: Sequence[Pending]) -> None:
        """Have decisions sent.

        Raises
        ------
        ValueError
            When one of them is no JSON.
        """
        self._unsent += self._outbound.lines([pending.decisions for pending in group])
        self.awaited += group

    def send(self) -> bool:
        """Send what the socket takes; return whether that was all."""
        try:
            self._unsent = self._unsent[self.socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._unsent = b""  # that it is gone will be heard
        return not self._unsent

    def hear(self) -> list[tuple[Pending, StoreError | None]]:
        """Return those whose decisions were written, with what went wrong."""
        try:
            data = self.socket.recv(AT_ONCE)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self.alive = bool(data)
        errors = (error for line in self._lines.whole(data) for error in heard(line))
        return [(self.awaited.popleft(), error) for error in errors]

    def end(self) -> int:
        """Send what is left, and wait until all is written; return the exit code."""
        try:
            self.socket.setblocking(True)
            self.socket.sendall(self._unsent)
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(AT_ONCE):
                pass
        except OSError:
            self.alive = False
        self.socket.close()
        return self._process.wait()


def _tell(group: Iterable[Pending], error: StoreError) -> None:
    for pending in group:
        finish(pending, error)
