"""`python -m service.sample`: half a year of the sample CRM comes into the store, or leaves it."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from features.moment import to_moment
from service.clock import Clock, utc_now
from service.command import run_command
from service.settings import Settings
from service.store.costs import add_sample_costs
from service.store.sample import FILLED, REMOVED, log_sample, remove_sample, wants_sample
from service.store.sql import SqlStore
from service.store.tables import LEADS

SAMPLE = Path("data/sample")


def main(arguments: Sequence[str] | None = None, clock: Clock = utc_now) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.sample", description=__doc__)
    kinds = parser.add_subparsers(dest="what", required=True)
    comes = kinds.add_parser("fill", help="let the sample come, where nothing is stored yet")
    comes.add_argument("--from", dest="folder", type=Path, default=SAMPLE, help="its export")
    comes.add_argument("--anyway", action="store_true", help="also where something is stored")
    kinds.add_parser("remove", help="remove it with all that was said of it since")
    options = parser.parse_args(arguments)

    def work(settings: Settings, store: SqlStore) -> str:
        if options.what == "remove":
            return remove(store, to_moment(clock()))
        if not options.anyway and not store.reading(wants_sample):
            return "The store is in use already: no sample came."
        return fill(settings, store, options.folder, clock)

    return run_command(work)


def fill(settings: Settings, store: SqlStore, folder: Path, clock: Clock) -> str:
    """Let the sample come; return what to say."""
    # the model takes seconds to load, and mostly nothing is to be done
    from service.holder import ModelHolder
    from service.parts import Parts
    from service.sample.costs import costs_of
    from service.sample.course import read_courses
    from service.sample.filling import fill as fill_store
    from service.sink import NullSink

    holder = ModelHolder(store)
    holder.load(settings, clock().date())
    now = to_moment(clock())
    courses = read_courses(folder, sorted(holder.served.space.attribute_names), now)
    parts = Parts(settings, holder, NullSink(), clock, store)
    store.changing(remove_sample)  # what is left of one that was broken off
    done = fill_store(parts, courses, now)
    store.changing(partial(add_sample_costs, new=costs_of(courses), at=now))
    store.changing(partial(log_sample, at=now, what=FILLED, leads=done.leads))
    return (
        f"{done.leads} sample leads, {done.decisions} decisions, {done.verdicts} verdicts "
        f"of sales, {done.attempts} attempts to reach them, {done.outcomes} outcomes"
    )


def remove(store: SqlStore, now: int) -> str:
    """Remove the sample; return what to say."""

    def change(connection: Connection) -> dict[str, int]:
        removed = remove_sample(connection)
        log_sample(connection, now, REMOVED, removed[LEADS.name])
        return removed

    removed = store.changing(change)
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in removed.items())
    return f"Removed with the sample: {told}"


if __name__ == "__main__":
    sys.exit(main())
