"""Pulls all leads of a CRM into files that training reads, however often it is interrupted."""

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from features.errors import ConfigError
from service.crm.field_map import FieldMap
from service.crm.mapping_text import mapping_text
from service.crm.reader import Page, PulledActivity, PulledLead, PulledOutcome, Reader
from service.errors import CrmAwayError
from service.export import replaced, write
from service.exporting.mapping_text import column_of
from service.exporting.rows import ACTIVITY_COLUMNS, HISTORY_COLUMNS

logger = logging.getLogger("lead_scoring")

PAGES = "pages"
FIRST_SECONDS, LONGEST_SECONDS = 2.0, 300.0
MOST_FAILURES = 30
"""So often in a row a page is asked for; then the command ends, and goes on when it is repeated."""
WHO = ("channel", "source", "account_id", "contact_id", "owner")
ENDS = ("opportunity_at", "outcome", "outcome_at", "value")


class Backfilled(NamedTuple):
    """How many rows each file has, and how many activities are about no lead."""

    leads: int
    activities: int
    values: int
    strange: int


def pull_all(reader: Reader, out: Path, pause: Callable[[float], None], random: Random) -> None:
    """Pull the pages that are not there yet into a folder, each whole or not at all.

    Raises
    ------
    CrmAwayError
        When the CRM stays away; what has come stays.
    ConfigError
        When the folder holds the pages of another CRM.
    """
    folder = out / PAGES
    folder.mkdir(parents=True, exist_ok=True)
    known = sorted(folder.glob("*.json"))
    after: str | None = None
    if known:
        last = from_json(known[-1].read_bytes())
        if last["crm"] != reader.name:
            raise ConfigError(f"{folder}: holds pages of {last['crm']}; take another folder")
        after = last["after"]
        if after is None:
            return
    number = len(known)
    while True:
        page = pulled(reader, after, pause, random)
        number += 1
        with replaced(folder / f"{number:08d}.json") as file:
            file.write(to_json({"crm": reader.name, **page._asdict()}).decode())
        after = page.after
        if after is None:
            return


def pulled(
    reader: Reader, after: str | None, pause: Callable[[float], None], random: Random
) -> Page:
    """Return a page, however often it takes to ask; waits double and are never less than asked.

    Raises
    ------
    CrmAwayError
        When the CRM stays away.
    """
    for failures in range(MOST_FAILURES):
        try:
            return reader.pull(after)
        except CrmAwayError as error:
            if failures + 1 == MOST_FAILURES:
                raise
            doubled = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures, 10))
            wait = max(doubled * random.uniform(0.5, 1.5), error.retry_after or 0.0)
            logger.warning("%s: %s; again in %.0f s", reader.name, error, wait)
            pause(wait)
    raise AssertionError("the loop ends by itself")


def put_together(fields: FieldMap, crm: str, out: Path) -> Backfilled:
    """Write the tables and their mapping from the pages of a folder, and let the pages go.

    A lead or activity that came twice, since it changed meanwhile, is written as it came last.
    """
    lead_of, place_of, ends = looked_over(out / PAGES)
    attributes = sorted(fields.attributes)
    columns = ["lead_id", "created_at", *WHO, *ENDS, *map(column_of, attributes)]

    def leads() -> Iterator[list[str]]:
        for place, page in pages(out / PAGES):
            for one in page.leads:
                if place_of[one.record_id] == place:
                    yield lead_row(fields, one, ends.get(one.record_id), attributes)

    def history() -> Iterator[list[str]]:
        for place, page in pages(out / PAGES):
            for one in page.leads:
                if place_of[one.record_id] == place:
                    for name, value, at in one.history:
                        yield [fields.lead_id(one.record_id), name, cell(value), at]

    deeds, strange = activity_rows(fields, out / PAGES, lead_of)
    done = Backfilled(
        write(out / "leads.csv", columns, leads()),
        write(out / "activities.csv", ACTIVITY_COLUMNS, deeds),
        write(out / "history.csv", HISTORY_COLUMNS, history()),
        strange,
    )
    with replaced(out / "mapping.toml") as file:
        file.write(mapping_text(fields, crm, dated=done.values > 0, deeds=done.activities > 0))
    shutil.rmtree(out / PAGES)
    return done


def looked_over(
    folder: Path,
) -> tuple[dict[str, str], dict[str, int], dict[str, PulledOutcome]]:
    """Return each record's lead, the page on which each lead came last, and what became of it."""
    lead_of: dict[str, str] = {}
    place_of: dict[str, int] = {}
    for place, page in pages(folder):
        for one in page.leads:
            place_of[one.record_id] = place
            lead_of |= dict.fromkeys([*one.also, one.record_id], one.record_id)
    ends: dict[str, PulledOutcome] = {}
    for place, page in pages(folder):
        own = [own_end(one) for one in page.leads if place_of[one.record_id] == place]
        for told in (*filter(None, own), *page.outcomes):
            for lead in {lead_of[name] for name in told.record_ids if name in lead_of}:
                ends[lead] = told if lead not in ends else both(ends[lead], told)
    return lead_of, place_of, ends


def own_end(lead: PulledLead) -> PulledOutcome | None:
    """Return what a lead says itself of what became of it."""
    if lead.outcome is None and lead.opportunity_at is None:
        return None
    at, opened = lead.outcome_at, lead.opportunity_at
    return PulledOutcome([lead.record_id], lead.outcome, at, opened, lead.value)


def both(a: PulledOutcome, b: PulledOutcome) -> PulledOutcome:
    """Return what two outcomes mean together: won by the first that was won, lost by the last.

    Examples
    --------
    >>> lost = PulledOutcome(["1"], "lost", "2026-01-01T00:00:00Z")
    >>> both(lost, PulledOutcome(["1"], "won", "2026-02-01T00:00:00Z", value=5.0)).outcome
    'won'
    >>> both(lost, PulledOutcome(["1"], None, None)).outcome is None
    True
    """
    opened = min((one.opportunity_at for one in (a, b) if one.opportunity_at), default=None)
    won = [one for one in (a, b) if one.outcome == "won"]
    if won:
        first = min(won, key=lambda one: one.outcome_at or "~")
        value = next((one.value for one in (first, *won) if one.value is not None), None)
        return first._replace(opportunity_at=opened, value=value)
    unsure = [one for one in (a, b) if one.outcome is None]
    last = unsure[0] if unsure else max((a, b), key=lambda one: one.outcome_at or "")
    return last._replace(opportunity_at=opened)


def activity_rows(
    fields: FieldMap, folder: Path, lead_of: Mapping[str, str]
) -> tuple[list[list[str]], int]:
    """Return the activities of leads, by lead and time, and how many are about no lead."""
    found: dict[str, list[list[str]]] = {}
    strange = 0
    for _, page in pages(folder):
        for one in page.activities:
            whose = sorted({lead_of[name] for name in one.record_ids if name in lead_of})
            strange += not whose
            told = [one.kind, one.occurred_at, one.recorded_at or "", one.actor]
            found[one.activity_id] = [[fields.lead_id(lead), *told] for lead in whose]
    rows = [row for same in found.values() for row in same]
    return sorted(rows, key=lambda row: (row[0], row[2], row[1])), strange


def lead_row(
    fields: FieldMap, lead: PulledLead, end: PulledOutcome | None, attributes: Sequence[str]
) -> list[str]:
    """Return the row of a lead."""
    told: dict[str, Any] = {"outcome": "open"} if end is None else end._asdict()
    told["outcome"] = told["outcome"] or "open"
    return [
        fields.lead_id(lead.record_id),
        cell(lead.known.get("created_at")),
        *(cell(lead.known.get(name)) for name in WHO),
        *(cell(told.get(name)) for name in ENDS),
        *(cell(lead.attributes.get(name)) for name in attributes),
    ]


def pages(folder: Path) -> Iterator[tuple[int, Page]]:
    """Return the pages of a folder with their places, in the order in which they came."""
    for place, file in enumerate(sorted(folder.glob("*.json"))):
        told = from_json(file.read_bytes())
        leads = [PulledLead(**one) for one in map(named(PulledLead), told["leads"])]
        ends = [PulledOutcome(**one) for one in map(named(PulledOutcome), told["outcomes"])]
        deeds = [PulledActivity(**one) for one in map(named(PulledActivity), told["activities"])]
        yield place, Page(leads, deeds, told["after"], ends)


def named(kind: Any) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return what gives the values of a row their names."""
    return lambda row: dict(zip(kind._fields, row, strict=True))


def cell(value: Any) -> str:
    """Return a value as a cell.

    Examples
    --------
    >>> cell(None), cell(True), cell(7.0), cell("Retail")
    ('', 'true', '7.0', 'Retail')
    """
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
