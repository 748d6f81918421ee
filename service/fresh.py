"""Looks after what changes while the service runs: files, and the time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool

from features.errors import LeadScoringError
from features.moment import to_moment
from service.access.keyring import Keyring
from service.parts import Parts
from service.rescore import rescore
from service.retention import forget
from service.store.lease import take_lease
from service.store.store import Store

logger = logging.getLogger("lead_scoring")

SECONDS = 1.0
LOOK_FOR_WORK = timedelta(minutes=1)
RETENTION_HOURS = 24.0
Pause: TypeAlias = Callable[[], Awaitable[None]]


async def one_second() -> None:
    """Wait until it is time to look again."""
    await asyncio.sleep(SECONDS)


async def keep_fresh(parts: Parts, keyring: Keyring, pause: Pause) -> None:
    """Take up changed agreements and keys, and score old leads again, until cancelled."""
    looked_at = parts.clock()
    while True:
        await pause()
        now = parts.clock()
        await run_in_threadpool(parts.holder.refresh_model, parts.settings, now.date())
        await run_in_threadpool(parts.holder.refresh_agreement, parts.settings, now.date())
        if parts.shadow is not None:
            await run_in_threadpool(parts.shadow.refresh, parts.settings)
        await refresh_keys(keyring)
        parts.metrics.publish()
        if now - looked_at >= LOOK_FOR_WORK:
            looked_at = now
            await note_uses(keyring)
            await in_turn(parts, now)


async def refresh_keys(keyring: Keyring) -> None:
    """Take up keys that were made or revoked."""
    try:
        await run_in_threadpool(keyring.refresh)
    except LeadScoringError as error:
        logger.debug("keys are those known so far: %s", error)  # every second while it lasts


async def note_uses(keyring: Keyring) -> None:
    """Write down when keys were used."""
    try:
        await run_in_threadpool(keyring.note_uses)
    except LeadScoringError as error:
        logger.warning("uses of keys are not noted for now: %s", error)


async def in_turn(parts: Parts, now: datetime) -> None:
    """Score old leads again and forget what is too old, where no other process does it."""
    if parts.store is None:
        return
    hours = parts.settings.rescore_hours
    try:
        if hours and parts.holder.ready and await ours(parts.store, "rescore", now, hours):
            done = await rescore(parts)
            logger.info("%d leads scored again, %d came out otherwise", *done)
        if await ours(parts.store, "retention", now, RETENTION_HOURS):
            logger.info("%d leads erased", await run_in_threadpool(forget, parts))
    except LeadScoringError as error:
        logger.warning("what is done from time to time is not done for now: %s", error)


async def ours(store: Store, work: str, now: datetime, hours: float) -> bool:
    """Return whether a work is due, and this process has taken it."""
    at, until = to_moment(now), to_moment(now + timedelta(hours=hours))
    return await run_in_threadpool(
        store.changing, lambda connection: take_lease(connection, work, at, until)
    )
