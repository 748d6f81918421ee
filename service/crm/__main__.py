"""`python -m service.crm`: tell CRM systems the newest scores, and check what they need."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from sqlalchemy import Connection

from features.errors import ConfigError
from features.moment import to_moment
from service.clock import Clock, utc_now
from service.command import run_command
from service.crm.connector import Connector
from service.crm.drain import Drain, drained
from service.crm.hubspot_out import hubspot_out
from service.crm.outbox import parked, release, state
from service.crm.settings import CrmSettings, read_crm_settings
from service.crm.webhook_out import webhook_out
from service.settings import Settings
from service.store.sql import SqlStore

CRMS = ("hubspot", "webhook")


def main(
    arguments: Sequence[str] | None = None,
    clock: Clock = utc_now,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)

    def work(_settings: Settings, store: SqlStore) -> str:
        connector = connector_of(options.crm, read_crm_settings(), clock)
        if options.what == "check":
            return checked(connector)
        if options.again:
            store.changing(partial(release, crm=connector.name, now=to_moment(clock())))
        drain = Drain(store, connector, clock, Random())
        done = drained(drain, pause, forever=options.watch)
        said = store.reading(partial(told, crm=connector.name))
        why = f"; waits: {drain.problem}" if drain.problem else ""
        return f"{connector.name}: {done.pushed} scores pushed now; {said}{why}"

    return run_command(work)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(prog="python -m service.crm", description=__doc__)
    made.add_argument("what", choices=("check", "push"))
    made.add_argument("crm", choices=CRMS)
    made.add_argument("--watch", action="store_true", help="go on until stopped")
    made.add_argument("--again", action="store_true", help="try parked leads again")
    return made


def connector_of(crm: str, settings: CrmSettings, clock: Clock) -> Connector:
    """Return the connector to a CRM.

    Raises
    ------
    ConfigError
        When a setting is missing, or a library of the extra `crm`.
    """
    try:
        if crm == "hubspot":
            import hubspot as _library
        else:
            import httpx2 as _library  # noqa: F401 # looked for before a lead is touched
    except ImportError as error:
        raise ConfigError(
            f"{error.name} is missing; install the extra: lead-scoring[crm]"
        ) from None
    return hubspot_out(settings) if crm == "hubspot" else webhook_out(settings, clock)


def checked(connector: Connector) -> str:
    """Return what a check found.

    Raises
    ------
    ConfigError
        When something is missing.
    """
    missing = connector.check()
    if missing:
        raise ConfigError(f"{connector.name}: " + "; ".join(missing))
    return f"{connector.name}: credentials, fields and rights are as they should be"


def told(connection: Connection, crm: str) -> str:
    """Return how a CRM's outbox stands, with what is parked and why."""
    counts = state(connection, crm)
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    return "\n".join([said, *(f"  {one.lead_id}: {one.reason}" for one in parked(connection, crm))])


if __name__ == "__main__":
    sys.exit(main())
