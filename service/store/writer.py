"""Decisions are written in groups: whatever waits goes into one commit."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from service.errors import NotStorableError, StoreError
from service.sink import Decision, Pending
from service.store.content import written
from service.store.store import Store

MOST_AT_ONCE = 256
"""Requests of one commit."""


class DecisionWriter(ABC):
    """Has written what requests have decided, those that were answered together in one go.

    Parameters
    ----------
    relaxed : bool
        Whether requests are answered before their decisions are durable.
    """

    keeps = True

    def __init__(self, *, relaxed: bool = False) -> None:
        self._relaxed = relaxed

    @property
    @abstractmethod
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""

    @abstractmethod
    def close(self) -> None:
        """Write what still waits, and end."""

    @abstractmethod
    def _take(self, group: list[Pending]) -> None:
        """Have decisions written, and tell those who wait."""

    @property
    def durable(self) -> bool:
        """Whether decisions are durable once it is said that they are done."""
        return not self._relaxed

    def give(self, pending: Sequence[Pending]) -> None:
        """Take the decisions of some requests; they are written together."""
        group = list(pending)
        self._take([_answered(one) for one in group] if self._relaxed else group)


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
        self._queue: SimpleQueue[list[Pending] | None] = SimpleQueue()
        self._put = self._taken = 0
        self._thread = Thread(target=self._work, name="decisions", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many requests' decisions wait to be written."""
        return self._put - self._taken

    def close(self) -> None:
        """Write what still waits, and end."""
        self._queue.put(None)
        self._thread.join()
        self._store.close()

    def _take(self, group: list[Pending]) -> None:
        """Wake the thread once for all requests of a group."""
        self._put += len(group)
        self._queue.put(group)

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group, ends = self._group(first)
            self._taken += len(group)
            _tell(group, write_requests(self._store, [pending.decisions for pending in group]))
            if ends:
                return

    def _group(self, first: list[Pending]) -> tuple[list[Pending], bool]:
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


def _tell(group: Sequence[Pending], errors: Sequence[StoreError | None]) -> None:
    """Tell those who wait, from another thread, and wake each event loop once."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[Pending, StoreError | None]]] = {}
    for pending, error in zip(group, errors, strict=True):
        told.setdefault(pending.done.get_loop(), []).append((pending, error))
    for loop, pairs in told.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_finish_all, pairs)


def _finish_all(pairs: Sequence[tuple[Pending, StoreError | None]]) -> None:
    for pending, error in pairs:
        finish(pending, error)


def finish(pending: Pending, error: StoreError | None) -> None:
    """Tell who waits for decisions what became of them."""
    done = pending.done
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _answered(pending: Pending) -> Pending:
    """Let a request go on; what becomes of its decisions is looked at by nobody."""
    pending.done.set_result(None)
    unheard: asyncio.Future[None] = pending.done.get_loop().create_future()
    unheard.add_done_callback(_seen)
    return Pending(pending.decisions, unheard)


def _seen(done: "asyncio.Future[None]") -> None:
    """Look at an outcome that nobody waits for."""
    if not done.cancelled():
        done.exception()
