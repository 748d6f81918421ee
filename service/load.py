"""`python -m service.load`: read leads, outcomes, activities and bulk scores into the store."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path

from features.errors import ConfigError
from features.moment import to_moment
from features.space import FeatureSpace
from service.api.read import moment_of
from service.clock import Clock, utc_now
from service.command import run_command
from service.export import served_manifest
from service.importing.leads import Loaded, add_history, add_leads, settle
from service.importing.row import moment_in
from service.importing.scores import add_scores
from service.importing.table import read_rows
from service.settings import Settings
from service.store.activities import NewActivity, add_activities
from service.store.sql import SqlStore


def main(arguments: Sequence[str] | None = None, clock: Clock = utc_now) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)

    def work(settings: Settings, store: SqlStore) -> str:
        if not any((options.leads, options.activities, options.scores)):
            raise ConfigError("expected --leads, --activities or --scores")
        now, told = to_moment(clock()), []
        space = served_manifest(settings).space
        if options.leads is not None:
            done = load_leads(store, options.leads, options.history, space, now)
            told.append(
                f"{done.new} new leads, {done.outcomes} outcomes, "
                f"{done.refused} refused (told otherwise before)"
            )
        if options.activities is not None:
            told.append(f"{load_activities(store, options.activities, now)} new activities")
        if options.scores is not None:
            at = None if options.as_of is None else as_of(options.as_of)
            told.append(f"{load_scores(store, options.scores, at, now)} scores")
        return "; ".join(told)

    return run_command(work)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    made = argparse.ArgumentParser(prog="python -m service.load", description=__doc__)
    add = made.add_argument
    add(
        "--leads",
        type=Path,
        help="CSV or Parquet: lead_id and what is known; see service.export",
    )
    add("--history", type=Path, help="CSV or Parquet: dated values of the leads' attributes")
    add(
        "--activities",
        type=Path,
        help="CSV or Parquet: activities of known leads, sorted by lead",
    )
    add("--scores", type=Path, help="CSV or Parquet: what training.score wrote")
    add("--as-of", help="moment that all scores are about; default: their column as_of, else now")
    return made


def as_of(text: str) -> int:
    """Return the moment that all scores are about.

    Raises
    ------
    ConfigError
        When it cannot be read.
    """
    try:
        return moment_of(datetime.fromisoformat(text))
    except ValueError:
        raise ConfigError("--as-of: expected a moment in ISO form") from None


def load_leads(
    store: SqlStore, file: Path, history: Path | None, space: FeatureSpace, now: int
) -> Loaded:
    """Keep leads; a value without a date counts as known from now on."""
    new = outcomes = refused = 0
    for rows in read_rows(file, ("lead_id",)):
        done = store.changing(partial(add_leads, rows=rows, space=space, now=now))
        new, outcomes, refused = new + done[0], outcomes + done[1], refused + done[2]
    if history is not None:
        for rows in read_rows(history, ("lead_id", "attribute", "value", "changed_at")):
            store.changing(partial(add_history, rows=rows, space=space))
    for rows in read_rows(file, ("lead_id",)):
        store.changing(partial(settle, rows=rows, space=space, now=now))
    return Loaded(new, outcomes, refused)


def load_activities(store: SqlStore, file: Path, now: int) -> int:
    """Keep activities; return how many were new."""
    return sum(
        sum(store.changing(partial(add_activities, new=new)).values())
        for new in activities_of(file, now)
    )


def activities_of(file: Path, now: int) -> Iterator[list[NewActivity]]:
    """Return the activities of each lead, which stand together in the file."""
    needed = ("lead_id", "kind", "occurred_at")
    rows = (row for group in read_rows(file, needed) for row in group)
    for lead_id, own in groupby(rows, key=lambda numbered: numbered[1]["lead_id"]):
        new = []
        for place, row in own:
            occurred_at = moment_in(row, "occurred_at", place)
            recorded_at = moment_in(row, "recorded_at", place)
            if occurred_at is not None:
                known = occurred_at if recorded_at is None else recorded_at
                actor = row.get("actor") or None
                told = (row["kind"], occurred_at, known, row.get("id") or None, actor)
                new.append(NewActivity(lead_id, 1, *told))
        yield new


def load_scores(store: SqlStore, file: Path, at: int | None, now: int) -> int:
    """Note scores, of their own moments where none is given for all; return how many."""
    needed = ("lead_id", "probability", "score", "label")
    return sum(
        store.changing(partial(add_scores, rows=rows, at=at, now=now))
        for rows in read_rows(file, needed)
    )


if __name__ == "__main__":
    sys.exit(main())
