"""`python -m service.rescore`: score stored leads again, because time has passed."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from features.moment import to_moment
from service.api.asked import asked_again
from service.api.deciding import answer_asked
from service.api.keep import decided, keep
from service.clock import Clock, utc_now
from service.command import run_command
from service.context import RequestContext
from service.holder import ModelHolder
from service.parts import Parts
from service.settings import Settings
from service.sink import Decision
from service.store.due_episodes import Due, due_episodes
from service.store.known import KnownLead
from service.store.sql import SqlStore
from service.store.writer import GroupWriter

AT_ONCE = 500
OLDER_THAN = timedelta(days=1)
NEWER_THAN = timedelta(days=365)
BY_TIME = RequestContext("rescore", None, "en")


class Rescored(NamedTuple):
    """How many leads were scored again, and how many came out otherwise."""

    leads: int
    changed: int


async def rescore(parts: Parts, *, older_than: timedelta = OLDER_THAN) -> Rescored:
    """Score open leads again that were decided long ago; keep what came out otherwise.

    A decision is kept where score or label have changed. Leads older than a year rest.

    Raises
    ------
    NotFoundError
        When nothing is stored.
    StoreError
        When the database does not answer.
    """
    store, now = parts.require_store(), parts.clock()
    due = Due(("", 0), to_moment(now - older_than), to_moment(now - NEWER_THAN), AT_ONCE)
    leads = changed = 0
    while True:
        page = due
        keys = await run_in_threadpool(store.reading, lambda c, page=page: due_episodes(c, page))
        if not keys:
            return Rescored(leads, changed)
        known = await run_in_threadpool(store.known, keys)
        decisions = await run_in_threadpool(changed_now, parts, list(known.values()))
        await keep(parts, decisions)
        leads, changed = leads + len(keys), changed + len(decisions)
        due = due._replace(after=keys[-1])


def changed_now(parts: Parts, known: Sequence[KnownLead]) -> list[Decision]:
    """Return the decisions that come out otherwise than the last one of each lead."""
    served, now = parts.holder.served, parts.clock()
    asked = [asked_again(lead, now, served.agreement) for lead in known]
    answered = answer_asked(parts, served, asked, [BY_TIME.language] * len(asked), now)
    return [
        decided(served, question, answer.body, BY_TIME, now)
        for lead, question, answer in zip(known, asked, answered, strict=True)
        if (answer.body["score"], answer.body["label"]) != (lead.score, lead.label)
    ]


async def rescore_store(
    settings: Settings, store: SqlStore, clock: Clock, older_than: timedelta
) -> Rescored:
    """Score the leads of a store again, with the model and agreement of the settings."""
    holder = ModelHolder(store)
    holder.load(settings, clock().date())
    writer = GroupWriter(store)
    try:
        return await rescore(Parts(settings, holder, writer, clock, store), older_than=older_than)
    finally:
        writer.close()


def main(arguments: Sequence[str] | None = None, clock: Clock = utc_now) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.rescore", description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=24.0, help="leads decided at least so long ago; default: 24"
    )
    older_than = timedelta(hours=parser.parse_args(arguments).hours)

    def work(settings: Settings, store: SqlStore) -> str:
        done = asyncio.run(rescore_store(settings, store, clock, older_than))
        return f"{done.leads} leads scored again, {done.changed} came out otherwise"

    return run_command(work)


if __name__ == "__main__":
    sys.exit(main())
