"""With more to do than can be done, some are refused at once, and health is still told."""

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service import overload
from service.overload import BATCH_COUNTS, Busy, Overload


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
        slow, busy = Slow(), Busy(2, 1.0)
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
        app = Overload(slow, Busy(0, 1.0))
        assert (await ask(app, "/health/live"))[0] == 200
        assert (await ask(app, "/metrics"))[0] == 200
        assert (await ask(app, "/worklist"))[0] == 503

    asyncio.run(run())


def test_a_batch_takes_more_room() -> None:
    async def run() -> None:
        slow, busy = Slow(), Busy(2 * BATCH_COUNTS, 1.0)
        app = Overload(slow, busy)
        batches = [asyncio.create_task(ask(app, "/score/batch")) for _ in range(2)]
        await asyncio.sleep(0)
        assert (await ask(app))[0] == 503
        slow.may_end.set()
        await asyncio.gather(*batches)

    asyncio.run(run())


@pytest.mark.parametrize(("waited", "status"), [(0.5, 200), (1.5, 503)])
def test_who_waited_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, waited: float, status: int
) -> None:
    async def run() -> None:
        slow = Slow()
        slow.may_end.set()
        monkeypatch.setattr(overload, "monotonic", lambda: 100.0)
        app = Overload(slow, Busy(10, 1.0))
        assert (await ask(app, arrived=100.0 - waited))[0] == status

    asyncio.run(run())
