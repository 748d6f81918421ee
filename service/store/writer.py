"""One thread that writes decisions in groups: whatever waits goes into one commit."""

import asyncio
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from service.errors import NotStorableError, StoreError
from service.sink import Decision
from service.store.content import written
from service.store.store import Store

MOST_AT_ONCE = 256


class Waiting(NamedTuple):
    """The decisions of one request, and who waits for them."""

    decisions: Sequence[Decision]
    done: "asyncio.Future[None]"


class GroupWriter:
    """Writes what several requests have decided in one commit.

    Parameters
    ----------
    store : Store
    relaxed : bool
        Whether requests are answered before their decisions are durable.
    """

    keeps = True

    def __init__(self, store: Store, *, relaxed: bool = False) -> None:
        self._store = store
        self._relaxed = relaxed
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._turns: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
        self._put = self._taken = 0
        self._thread = Thread(target=self._work, name="decisions", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""
        return self._put - self._taken

    async def put(self, decisions: list[Decision]) -> bool:
        """Keep the decisions of one request; return whether they are durable already.

        Raises
        ------
        StoreError
            When they could not be kept.
        """
        if not decisions:
            return False
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        turn = self._turns.get(loop)
        if turn is None:
            turn = self._turns[loop] = []
            loop.call_soon(self._hand_over, loop)
        turn.append(Waiting(decisions, done))
        if self._relaxed:
            done.add_done_callback(_seen)
            return False
        await done
        return True

    def close(self) -> None:
        """Write what still waits, and end."""
        for loop in list(self._turns):
            self._hand_over(loop)
        self._queue.put(None)
        self._thread.join()
        self._store.close()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake the thread once for all requests of one turn of an event loop."""
        turn = self._turns.pop(loop, [])
        self._put += len(turn)
        self._queue.put(turn)

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group, ends = self._group(first)
            self._taken += len(group)
            self._write(group)
            if ends:
                return

    def _group(self, first: list[Waiting]) -> tuple[list[Waiting], bool]:
        group = first
        while len(group) < MOST_AT_ONCE:
            try:
                turn = self._queue.get_nowait()
            except Empty:
                break
            if turn is None:
                return group, True
            group += turn
        return group, False

    def _write(self, group: list[Waiting]) -> None:
        if not group:
            return
        try:
            self._store.write([written(one) for waiting in group for one in waiting.decisions])
        except NotStorableError as error:
            if len(group) == 1:
                _tell(group, error)
                return
            for waiting in group:  # one that cannot be kept must not take the others with it
                self._write([waiting])
        except StoreError as error:
            _tell(group, error)
        except Exception as error:  # the one thread that writes must outlive any fault
            _tell(group, StoreError(f"a decision could not be kept ({type(error).__name__})"))
        else:
            _tell(group, None)


def _tell(group: list[Waiting], error: StoreError | None) -> None:
    """Tell those who wait, and wake each event loop once."""
    waiting_on: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for waiting in group:
        waiting_on.setdefault(waiting.done.get_loop(), []).append(waiting.done)
    for loop, done in waiting_on.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_finish, done, error)


def _finish(waiting: "list[asyncio.Future[None]]", error: StoreError | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _seen(done: "asyncio.Future[None]") -> None:
    """Look at an outcome that nobody waits for."""
    if not done.cancelled():
        done.exception()
