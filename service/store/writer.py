"""Decisions are written in groups: whatever waits goes into one commit."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from service.errors import NotStorableError, StoreError
from service.sink import Decision
from service.store.content import written
from service.store.store import Store

MOST_AT_ONCE = 256
"""Requests of one commit."""


class Waiting(NamedTuple):
    """The decisions of one request, and who waits for them."""

    decisions: Sequence[Decision]
    done: "asyncio.Future[None]"


class DecisionWriter(ABC):
    """Gathers what the requests of one turn of an event loop have decided, and has it written.

    Parameters
    ----------
    relaxed : bool
        Whether requests are answered before their decisions are durable.
    """

    keeps = True

    def __init__(self, *, relaxed: bool = False) -> None:
        self._relaxed = relaxed
        self._turns: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
        self._put = 0

    @property
    @abstractmethod
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""

    @abstractmethod
    def close(self) -> None:
        """Write what still waits, and end."""

    @abstractmethod
    def _take(self, turn: list[Waiting], loop: asyncio.AbstractEventLoop) -> None:
        """Have the decisions of one turn written."""

    @property
    def durable(self) -> bool:
        """Whether decisions are durable once it is said that they are done."""
        return not self._relaxed

    def give(self, decisions: Sequence[Decision], done: "asyncio.Future[None]") -> None:
        """Take the decisions of one request; those of one turn are written together."""
        loop = done.get_loop()
        turn = self._turns.get(loop)
        if turn is None:
            turn = self._turns[loop] = []
            loop.call_soon(self._hand_over, loop)
        if self._relaxed:
            done.set_result(None)
            done = loop.create_future()
            done.add_done_callback(_seen)
        turn.append(Waiting(decisions, done))

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        turn = self._turns.pop(loop, [])
        if turn:
            self._put += len(turn)
            self._take(turn, loop)

    def _hand_over_all(self) -> None:
        for loop in list(self._turns):
            self._hand_over(loop)


class GroupWriter(DecisionWriter):
    """Writes in a thread.

    Parameters
    ----------
    store : Store
        Is closed at the end.
    relaxed : bool
        See `DecisionWriter`.
    """

    def __init__(self, store: Store, *, relaxed: bool = False) -> None:
        super().__init__(relaxed=relaxed)
        self._store = store
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._taken = 0
        self._thread = Thread(target=self._work, name="decisions", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""
        return self._put - self._taken

    def close(self) -> None:
        """Write what still waits, and end."""
        self._hand_over_all()
        self._queue.put(None)
        self._thread.join()
        self._store.close()

    def _take(self, turn: list[Waiting], loop: asyncio.AbstractEventLoop) -> None:
        """Wake the thread once for all requests of a turn."""
        self._queue.put(turn)

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group, ends = self._group(first)
            self._taken += len(group)
            _tell(group, write_requests(self._store, [waiting.decisions for waiting in group]))
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


def write_requests(
    store: Store, requests: Sequence[Sequence[Decision]]
) -> Sequence[StoreError | None]:
    """Write the decisions of requests in one commit; return what kept each from being kept.

    Those of one request are kept together or not at all, and one that cannot be kept takes no
    other with it.
    """
    try:
        store.write([written(one) for decisions in requests for one in decisions])
    except NotStorableError as error:
        if len(requests) == 1:
            return [error]
        return [write_requests(store, [decisions])[0] for decisions in requests]
    except StoreError as error:
        return [error] * len(requests)
    except Exception as error:  # who writes for all requests must outlive any fault
        kind = type(error).__name__
        return [StoreError(f"a decision could not be kept ({kind})")] * len(requests)
    return [None] * len(requests)


def _tell(group: Sequence[Waiting], errors: Sequence[StoreError | None]) -> None:
    """Tell those who wait, from another thread, and wake each event loop once."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, StoreError | None]]] = {}
    for waiting, error in zip(group, errors, strict=True):
        told.setdefault(waiting.done.get_loop(), []).append((waiting, error))
    for loop, pairs in told.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_finish_all, pairs)


def _finish_all(pairs: Sequence[tuple[Waiting, StoreError | None]]) -> None:
    for waiting, error in pairs:
        finish(waiting, error)


def finish(waiting: Waiting, error: StoreError | None) -> None:
    """Tell who waits for decisions what became of them."""
    done = waiting.done
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _seen(done: "asyncio.Future[None]") -> None:
    """Look at an outcome that nobody waits for."""
    if not done.cancelled():
        done.exception()
