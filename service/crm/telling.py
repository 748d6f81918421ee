"""Tells CRM systems scores inside the service, where the settings want that."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random

from starlette.concurrency import run_in_threadpool

from features.errors import ConfigError, LeadScoringError
from service.clock import Clock
from service.crm.drain import Drain
from service.crm.registry import CRMS, crm_named
from service.crm.settings import CrmSettings
from service.settings import PREFIX
from service.store.store import Store

LOOK_SECONDS = 1.0
logger = logging.getLogger("lead_scoring")


def drains_of(settings: CrmSettings, store: Store | None, clock: Clock) -> list[Drain]:
    """Return what tells the CRM systems that the settings name.

    Raises
    ------
    ConfigError
        When one is not known, lacks a setting or its library, or nothing is stored.
    """
    names = settings.crm_push.replace(",", " ").split()
    unknown = sorted({*names} - {*CRMS})
    if unknown:
        raise ConfigError(f"{PREFIX}CRM_PUSH: expected some of {', '.join(sorted(CRMS))}")
    if not names:
        return []
    if store is None:
        raise ConfigError(f"{PREFIX}CRM_PUSH: needs a database, and {PREFIX}DATABASE_URL is none")
    writers = [crm_named(name).writer(settings, clock) for name in dict.fromkeys(names)]
    return [Drain(store, writer, clock, Random()) for writer in writers]


@asynccontextmanager
async def telling(drains: Sequence[Drain], patience_seconds: float) -> AsyncIterator[None]:
    """Tell CRM systems meanwhile; at the end the batch that is under way is told to its end."""
    if not drains:
        yield
        return
    stop = asyncio.Event()
    task = asyncio.create_task(keep_telling(drains, stop))
    yield
    stop.set()
    await asyncio.wait([task], timeout=patience_seconds)
    task.cancel()


async def keep_telling(drains: Sequence[Drain], stop: asyncio.Event) -> None:
    """Tell each CRM what is due, one batch a turn, until told to stop.

    Of the processes that share a database one at a time tells a CRM: a lease in the store.
    """
    while not stop.is_set():
        waits = [LOOK_SECONDS]
        for drain in drains:
            try:
                done = await run_in_threadpool(drain.round)
            except LeadScoringError as error:
                logger.warning("%s is not told for now: %s", drain.connector.name, error)
                continue
            if done.pushed or done.parked:
                name = drain.connector.name
                logger.info("%s: %d scores told, %d parked", name, done.pushed, done.parked)
            waits.append(done.wait_seconds)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), min(waits))
