"""Looks after files that may change while the service runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool

from service.parts import Parts

SECONDS = 1.0
Pause: TypeAlias = Callable[[], Awaitable[None]]


async def one_second() -> None:
    """Wait until it is time to look again."""
    await asyncio.sleep(SECONDS)


async def keep_fresh(parts: Parts, pause: Pause) -> None:
    """Take up a changed agreement after each pause, until it is cancelled."""
    while True:
        await pause()
        today = parts.clock().date()
        await run_in_threadpool(parts.holder.refresh_agreement, parts.settings, today)
