"""Tells a CRM what is due, and waits where it asks for that."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from sqlalchemy import Connection

from features.moment import to_moment
from service.clock import Clock
from service.crm.outbox import Due, due, fill, note_pushed, note_refused
from service.crm.writer import Refusal, Writer
from service.errors import CrmAwayError
from service.store.lease import end_lease, take_lease
from service.store.store import Store

logger = logging.getLogger("lead_scoring")

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 300.0
MOST_ATTEMPTS = 10
"""A lead that was refused so often is parked."""
LEASE = timedelta(minutes=5)
"""Longer than a CRM may take to answer."""
SECOND = 1_000_000


class Round(NamedTuple):
    """What one round did: how many leads were told, and how many refused for good.

    Parameters
    ----------
    wait_seconds : float
        Until the next round is of use; 0 where there may be more at once.
    """

    pushed: int
    parked: int
    wait_seconds: float


class Drain:
    """Tells one CRM, one batch after the other.

    While the CRM takes nothing at all no lead's attempts are counted, so that none is parked
    however long that lasts. Waits double up to five minutes, each drawn between half and one and
    a half of that, and are never shorter than what the CRM asks for.

    Parameters
    ----------
    store : Store
    connector : Writer
    clock : Clock
    random : Random
        Draws the waits.
    """

    def __init__(self, store: Store, connector: Writer, clock: Clock, random: Random) -> None:
        self.store = store
        self.connector = connector
        self.clock = clock
        self.random = random
        self.problem: str | None = None
        self._failures = 0
        self._until = 0
        self._whole = True

    def round(self) -> Round:
        """Tell the CRM of one batch.

        Raises
        ------
        StoreError
            When the database does not answer.
        """
        now, name = to_moment(self.clock()), f"crm {self.connector.name}"
        if now < self._until:
            return Round(0, 0, (self._until - now) / SECOND)
        until = to_moment(self.clock() + LEASE)
        if not self.store.changing(lambda c: take_lease(c, name, now, until)):
            return Round(0, 0, FIRST_SECONDS)
        try:
            return self._tell(now)
        finally:
            self.store.changing(lambda c: end_lease(c, name, now))

    def _tell(self, now: int) -> Round:
        batch = self.store.changing(partial(self._next, now=now))
        self._whole = False
        if not batch:
            return Round(0, 0, FIRST_SECONDS)
        try:
            refused = self.connector.push([one.push for one in batch])
        except CrmAwayError as error:
            self._failures += 1
            wait = max(self._wait(self._failures), error.retry_after or 0.0)
            self._until = to_moment(self.clock()) + round(wait * SECOND)
            self.problem = str(error)
            logger.warning("%s: %s; again in %.0f s", self.connector.name, error, wait)
            return Round(0, 0, wait)
        self._failures, self._until, self.problem = 0, 0, None
        moment = to_moment(self.clock())
        return self.store.changing(lambda c: self._note(c, batch, refused, moment))

    def _next(self, connection: Connection, now: int) -> list[Due]:
        crm, fields = self.connector.name, self.connector.fields
        fill(connection, crm, fields, now, whole=self._whole)
        return due(connection, crm, fields, now, self.connector.most_at_once)

    def _note(
        self, connection: Connection, batch: list[Due], refused: Mapping[str, Refusal], now: int
    ) -> Round:
        crm = self.connector.name
        pushed = [one.push for one in batch if one.push.lead_id not in refused]
        note_pushed(connection, crm, pushed, now)
        parked = 0
        for one in batch:
            refusal = refused.get(one.push.lead_id)
            if refusal is None:
                continue
            final = refusal.final or one.attempts + 1 >= MOST_ATTEMPTS
            wait = round(self._wait(one.attempts + 1) * SECOND)
            parked += final
            note_refused(connection, crm, one, refusal.reason, None if final else now + wait)
        return Round(len(pushed), parked, 0.0)

    def _wait(self, failures: int) -> float:
        doubled = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 10))
        return doubled * self.random.uniform(0.5, 1.5)


def drained(drain: Drain, pause: Callable[[float], None], *, forever: bool = False) -> Round:
    """Tell the CRM until nothing is due, or the CRM is away; return what was done in all."""
    pushed = parked = 0
    while True:
        done = drain.round()
        pushed, parked = pushed + done.pushed, parked + done.parked
        if done.wait_seconds and not forever:
            return Round(pushed, parked, done.wait_seconds)
        if done.wait_seconds:
            pause(done.wait_seconds)
