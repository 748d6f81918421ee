"""`python -m service.crm`: tell CRM systems scores, pull their leads, check what they need."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from features.errors import ConfigError, LeadScoringError
from features.moment import to_moment
from service.clock import Clock, utc_now
from service.command import ERROR, run_command
from service.crm.backfill import pull_all, put_together
from service.crm.drain import Drain, drained
from service.crm.outbox import parked, release, state
from service.crm.registry import CRMS, crm_named
from service.crm.settings import read_crm_settings
from service.crm.writer import Writer
from service.settings import Settings
from service.store.sql import SqlStore


def main(
    arguments: Sequence[str] | None = None,
    clock: Clock = utc_now,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    if options.what == "pull":
        return pulled(options.crm, options.out, clock, pause)

    def work(_settings: Settings, store: SqlStore) -> str:
        writer = crm_named(options.crm).writer(read_crm_settings(), clock)
        if options.what == "check":
            return checked(writer)
        if options.again:
            store.changing(partial(release, crm=writer.name, now=to_moment(clock())))
        drain = Drain(store, writer, clock, Random())
        done = drained(drain, pause, forever=options.watch)
        said = store.reading(partial(told, crm=writer.name))
        why = f"; waits: {drain.problem}" if drain.problem else ""
        return f"{writer.name}: {done.pushed} scores pushed now; {said}{why}"

    return run_command(work)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(prog="python -m service.crm", description=__doc__)
    made.add_argument("what", choices=("check", "push", "pull"))
    made.add_argument("crm", choices=sorted(CRMS))
    made.add_argument("--watch", action="store_true", help="go on until stopped")
    made.add_argument("--out", type=Path, help="folder that pull writes to; data/CRM")
    made.add_argument("--again", action="store_true", help="try parked leads again")
    return made


def pulled(crm: str, out: Path | None, clock: Clock, pause: Callable[[float], None]) -> int:
    """Pull all leads of a CRM into a folder; return the exit code."""
    folder = out or Path("data") / crm
    try:
        make = crm_named(crm).reader
        if make is None:
            raise ConfigError(f"{crm}: cannot be pulled; load a file with service.load")
        reader = make(read_crm_settings(), clock)
        pull_all(reader, folder, pause, Random())
        done = put_together(reader.fields, crm, folder)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {error}\n")
        return ERROR
    sys.stdout.write(
        f"{folder}: {done.leads} leads, {done.activities} activities, {done.values} dated values; "
        f"{done.strange} activities are about no lead. Now: "
        f"make train DATA={folder}/leads.csv MAPPING={folder}/mapping.toml\n"
    )
    return 0


def checked(writer: Writer) -> str:
    """Return what a check found.

    Raises
    ------
    ConfigError
        When something is missing.
    """
    missing = writer.check()
    if missing:
        raise ConfigError(f"{writer.name}: " + "; ".join(missing))
    return f"{writer.name}: credentials, fields and rights are as they should be"


def told(connection: Connection, crm: str) -> str:
    """Return how a CRM's outbox stands, with what is parked and why."""
    counts = state(connection, crm)
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    return "\n".join([said, *(f"  {one.lead_id}: {one.reason}" for one in parked(connection, crm))])


if __name__ == "__main__":
    sys.exit(main())
