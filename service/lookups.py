"""Asks the store for the leads of several requests at once."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from starlette.concurrency import run_in_threadpool

from service.errors import NotStorableError
from service.store.known import KnownLead, Wanted
from service.store.store import Store

Found: TypeAlias = Mapping[Wanted, KnownLead]


class Group(NamedTuple):
    """Leads that are asked for together, and what is found of them."""

    wanted: list[Wanted]
    found: "asyncio.Task[Found]"


class Lookups:
    """Finds the leads of all requests of one turn of the event loop with one query.

    Where a query goes through a thread, requests that come meanwhile wait for the next one.
    """

    def __init__(self) -> None:
        self._open: Group | None = None
        self._before: asyncio.Task[Found] | None = None

    async def find(self, store: Store, wanted: Wanted) -> KnownLead | None:
        """Return what is stored of a lead, None where nothing is.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """
        group = self._open
        if group is None or group.found.done():
            leads: list[Wanted] = []
            group = Group(leads, asyncio.create_task(self._read(store, leads)))
            self._open = group
        group.wanted.append(wanted)
        try:
            found = await asyncio.shield(group.found)
        except NotStorableError:
            if len(group.wanted) == 1:
                raise
            found = await run_in_threadpool(store.known, [wanted])  # maybe it was another lead
        return found.get(wanted)

    async def _read(self, store: Store, wanted: list[Wanted]) -> Found:
        """Read once all requests of this turn have asked, and those before have been answered."""
        if store.reads_at_once:
            self._open = None
            return store.known(wanted)
        if self._before is not None and not self._before.done():
            await asyncio.wait([self._before])
        self._before = asyncio.current_task()
        self._open = None
        return await run_in_threadpool(store.known, wanted)
