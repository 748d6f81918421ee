"""With more to do than can be done, some are refused at once, and health is still told."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.overload import BATCH_COUNTS, FEW, JUDGED_EVERY, SHORT_WAIT, Busy, Overload


class Slow:
    """Answers once it is let."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.may_end.wait()
        await PlainTextResponse("done")(scope, receive, send)


async def ask(app: Overload, path: str = "/score", **more: Any) -> tuple[int, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "path": path, "method": "POST", **more}, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


def test_who_comes_when_all_places_are_taken_is_refused_and_the_others_are_answered() -> None:
    async def run() -> None:
        slow, busy = Slow(), Busy(2, 1.0, 96)
        app = Overload(slow, busy)
        first = [asyncio.create_task(ask(app)) for _ in range(2)]
        await asyncio.sleep(0)
        status, headers = await ask(app)
        assert (status, headers[b"retry-after"]) == (503, b"5")
        slow.may_end.set()
        assert [status for status, _ in await asyncio.gather(*first)] == [200, 200]
        assert (await ask(app))[0] == 200
        assert (busy.under_way, busy.refused) == (0, 1)

    asyncio.run(run())


def test_health_is_told_although_all_places_are_taken() -> None:
    async def run() -> None:
        slow = Slow()
        slow.may_end.set()
        app = Overload(slow, Busy(0, 1.0, 96))
        assert (await ask(app, "/health/live"))[0] == 200
        assert (await ask(app, "/metrics"))[0] == 200
        assert (await ask(app, "/worklist"))[0] == 503

    asyncio.run(run())


def test_a_batch_takes_more_room() -> None:
    async def run() -> None:
        slow, busy = Slow(), Busy(2 * BATCH_COUNTS, 1.0, 96)
        app = Overload(slow, busy)
        batches = [asyncio.create_task(ask(app, "/score/batch")) for _ in range(2)]
        await asyncio.sleep(0)
        assert (await ask(app))[0] == 503
        slow.may_end.set()
        await asyncio.gather(*batches)

    asyncio.run(run())


class Clock:
    """A clock that is set, in seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("waited", "taken"), [(0.5, True), (1.5, False)])
def test_who_waited_too_long_is_refused(waited: float, taken: bool) -> None:
    clock = Clock()
    assert Busy(10, 1.0, 96, clock).enter(1, clock.now - waited) is taken


def test_as_many_as_are_no_crowd_are_all_taken_for_as_long_as_they_like() -> None:
    clock, busy = Clock(), Busy(1000, 1.0, 64)
    assert all(busy.enter(1, None) for _ in range(64))
    for _ in range(1000):
        clock.now += 1.0
        busy.leave(1)
        assert busy.enter(1, None)
    assert (busy.requests, busy.refused, busy.strained) == (64, 0, False)


def crowded(clock: Clock) -> Busy:
    """Return what is crowded since now, and has answered all but one."""
    busy = Busy(1000, 1.0, 64, clock)
    assert [busy.enter(1, clock.now) for _ in range(65)] == [True] * 64 + [False]
    for _ in range(63):
        busy.leave(1)
    return busy


def test_of_a_crowd_only_few_are_taken_and_none_that_waited() -> None:
    clock = Clock()
    busy = crowded(clock)
    assert not busy.enter(1, clock.now - 2 * SHORT_WAIT)
    taken = [busy.enter(1, clock.now) for _ in range(64)]
    assert sum(taken) == FEW - 1
    assert busy.requests == FEW


@pytest.mark.parametrize(("every", "strained"), [(2, True), (10, False)])
def test_a_crowd_is_over_once_hardly_anybody_is_refused(every: int, strained: bool) -> None:
    clock = Clock()
    busy = crowded(clock)
    for number in range(1, 102):  # every so manyth has waited
        clock.now += 2 * JUDGED_EVERY / 100
        late = number % every == 0
        if busy.enter(1, clock.now - 0.5 * late):
            busy.leave(1)
    assert busy.strained is strained
    assert busy.enter(1, clock.now - 0.5) is not strained


def test_a_crowd_of_batches_is_judged_by_their_work() -> None:
    busy = Busy(3 * BATCH_COUNTS, 1.0, 96)
    assert [busy.enter(BATCH_COUNTS, None) for _ in range(4)] == [True, True, True, False]
