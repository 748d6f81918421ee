"""`python -m benchmarks.store`: how much disk decisions take, and how long statistics over them."""

import argparse
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from features.moment import DAY, to_moment
from features.records import LeadRecord
from models.agreement.agreement import default_agreement
from models.scorer import Scorer
from service.agreed import make_agreed
from service.api.answer import answer_leads
from service.api.asked import Asked
from service.api.keep import decided
from service.api.read import record_of
from service.api.schemas import ScoreRequest
from service.context import RequestContext
from service.earlier import Earlier
from service.holder import Served
from service.statistics.contacts import read_contacts
from service.statistics.costs import read_cost
from service.statistics.funnel import read_funnel
from service.statistics.labels import read_labels, read_rejections
from service.statistics.span import Span
from service.statistics.value import read_value
from service.store.content import opened, written
from service.store.costs import Cost, put_costs
from service.store.database import open_engine, read_url
from service.store.similar import Likeness, read_similar
from service.store.sql import SqlStore
from service.store.store import Written
from service.store.worklist import WorklistQuery, read_worklist
from tests.factories import make_bundle, make_request
from tests.service.store import postgres

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MODELS = 200
AT_ONCE = 2000
PER_LEAD = 3
QUIET = 0.93
"""Of the later two decisions of a lead: an eighth of the leads is handed over."""
REPEATS = 5
HORIZON_DAYS = 90
CHANNELS = ("Referral", "LinkedIn", "Organic", "Paid search", "Event", "Partner", "E-mail", "Chat")
LAST = "substr(lead_id, length(lead_id), 1)"
WORKED = f"""UPDATE leads SET
accepted_at = CASE WHEN {LAST} < '5' THEN mql_at + 1000000000 END,
rejected_at = CASE WHEN {LAST} >= '5' THEN mql_at + 1000000000 END,
first_contact_at = mql_at + 900000000, last_contact_at = mql_at + 900000000, attempts = 2,
outcome = CASE WHEN {LAST} < '3' THEN 'won' ELSE 'lost' END,
outcome_at = mql_at + 1000000000000, value = 1000, handed_over_at = NULL
WHERE mql_at IS NOT NULL AND {LAST} < '8'"""
OUTCOMES = {
    "all came out": f"""UPDATE leads SET outcome_at = created_at + {30 * DAY},
    outcome = CASE WHEN {LAST} < '1' THEN 'won' ELSE 'lost' END""",
    "hardly any": "UPDATE leads SET outcome = NULL, outcome_at = NULL WHERE lead_id > 'L-00000100'",
}
"""What is known of leads while past ones like one are looked for; taken back after."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="kept, and filled further by the next run")
    parser.add_argument("--most-seconds", type=float, default=math.inf, help="to fill it, each")
    asked = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder: Path | None = asked.folder
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="store-"))
            stack.callback(shutil.rmtree, folder)
        folder.mkdir(exist_ok=True)
        measured(f"sqlite:///{folder / 'store.db'}", asked.decisions, asked.most_seconds)
        if postgres.installed():
            server = stack.enter_context(postgres.running(asked.folder and folder / "postgres"))
            measured(server.url(), asked.decisions, asked.most_seconds)
    return 0


def measured(url: str, decisions: int, most_seconds: float) -> None:
    """Fill a database, and print what it takes and how long it is asked."""
    store = SqlStore(open_engine(read_url(url)))
    before = store.reading(count)
    began = time.perf_counter()
    for group in groups(decisions, before):
        store.write(group)
        if time.perf_counter() - began > most_seconds:
            break
    seconds, held = time.perf_counter() - began, store.reading(count)
    if held < decisions:
        say(f"{held:,} of {decisions:,} decisions are written; run it again")
        store.close()
        return
    if held > before:
        store.changing(lambda connection: connection.execute(text(WORKED)))
        tidy(url)
    given = costs()
    store.changing(lambda connection: put_costs(connection, given, to_moment(NOW), None))
    size = store.reading(lambda connection: bytes_of(connection, url))
    name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    leads = decisions // PER_LEAD
    say(f"{name}: {decisions:,} decisions of {leads:,} leads with 20 attributes and 10 activities")
    say(f"  {size / 1e9:.2f} GB, {size / decisions:,.0f} bytes a decision")
    if held > before:
        rate = (held - before) / seconds
        say(f"  written in groups of {AT_ONCE}: {rate:,.0f} a second")
    for what, query in questions().items():
        took = sorted(timed(store, query) for _ in range(REPEATS))[REPEATS // 2]
        say(f"  {what:<28} {took * 1000:>6.0f} ms")
    store.close()
    for known, change in OUTCOMES.items():
        took, n = similar_after(url, change)
        say(f"  {f'similar leads, {known}':<28} {took * 1000:>6.0f} ms ({n} compared)")


def similar_after(url: str, change: str) -> tuple[float, int]:
    """Return how long past leads like one take once others came out so, and how many they are."""
    engine = open_engine(read_url(url))
    with engine.connect() as connection:
        newest = "SELECT content FROM decisions ORDER BY decision_id DESC LIMIT 1"
        answer = opened(connection.execute(text(newest)).scalar_one())["answer"]
        of = Likeness("", answer["score"], answer["ledger"], answer["model_version"])
        connection.execute(text(change))
        took = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            found = read_similar(connection, of, to_moment(NOW), HORIZON_DAYS)
            took.append(time.perf_counter() - began)
        connection.rollback()
    engine.dispose()
    return sorted(took)[REPEATS // 2], found["looked_at"]


def groups(decisions: int, after: int = 0) -> Iterator[list[Written]]:
    """Return decisions of many leads, three each, in groups; the first ones left out."""
    models, draw = patterns(), Random(1)
    group: list[Written] = []
    for number in range(decisions):
        lead, turn = divmod(number, PER_LEAD)
        created = to_moment(NOW) - 365 * DAY + lead * 365 * DAY // (decisions // PER_LEAD + 1)
        label = "nurture" if turn == 0 or draw.random() < QUIET else draw.choice(("MQL", "SQL"))
        if number < after:
            continue
        group.append(
            models[lead % MODELS]._replace(
                decision_id=f"{number:032x}",
                lead_id=f"L-{lead:08d}",
                created_at=created,
                as_of=created + turn * DAY,
                decided_at=created + turn * DAY,
                last_known_at=created,
                channel=CHANNELS[lead % len(CHANNELS)],
                label=label,
            )
        )
        if len(group) == AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def patterns() -> list[Written]:
    """Return real decisions that the others are made from."""
    scorer = Scorer(make_bundle())
    agreement = default_agreement("factory", scorer.manifest.anchor)
    served = Served(scorer, make_agreed(agreement, scorer, unsigned=True), {})
    made = []
    for seed in range(MODELS):
        lead = ScoreRequest.model_validate(make_request(seed))
        record: LeadRecord = record_of(lead, NOW)
        [answer] = answer_leads(served, [record], [Earlier()], now=NOW, languages=["en"], reasons=5)
        answer.body.update({"offered": None, "propensity": None, "arm": None})
        asked = Asked(lead, record, record, Earlier(), None)
        one = decided(served, asked, answer.body, RequestContext("bench", None, "en"), NOW)
        made.append(written(one))
    return made


def questions() -> dict[str, Callable[[Connection], Any]]:
    """Return what is asked of a store."""
    now = to_moment(NOW)
    year, quarter = Span(now - 365 * DAY, now), Span(now - 90 * DAY, now)
    asked: dict[str, Callable[[Connection], Any]] = {}
    for name, span in (("90 days", quarter), ("a year", year)):
        asked[f"funnel, {name}"] = partial(read_funnel, span=span, period="month")
        asked[f"labels, {name}"] = partial(read_labels, span=span, now=now, horizon_days=90)
        asked[f"rejections, {name}"] = partial(read_rejections, span=span)
        asked[f"contacts, {name}"] = partial(read_contacts, span=span, promised={})
        asked[f"value, {name}"] = partial(read_value, span=span)
        of_channels = partial(read_cost, now=now, horizon_days=90, form=str)
        asked[f"costs, {name}"] = partial(of_channels, span=span)
    work = WorklistQuery("SQL", None, 50, 0, now)
    asked["work list of 50"] = partial(read_worklist, asked=work)
    return asked


def costs() -> list[Cost]:
    """Return what each channel cost in each month of the year."""
    months = [f"{year}-{month:02d}" for year in (NOW.year - 1, NOW.year) for month in range(1, 13)]
    return [Cost(month, channel, 5000.0) for month in months for channel in CHANNELS]


def timed(store: SqlStore, query: Callable[[Connection], Any]) -> float:
    """Return the seconds that a query takes."""
    began = time.perf_counter()
    store.reading(query)
    return time.perf_counter() - began


def count(connection: Connection) -> int:
    """Return how many decisions are kept."""
    return int(connection.execute(text("SELECT count(*) FROM decisions")).scalar_one())


def tidy(url: str) -> None:
    """Let a database do what it does by itself after a while."""
    engine = open_engine(read_url(url))
    if not url.startswith("sqlite"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    else:
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    engine.dispose()


def bytes_of(connection: Connection, url: str) -> int:
    """Return how large a database is."""
    if url.startswith("sqlite"):
        return sum(path.stat().st_size for path in Path(url[10:]).parent.glob("store.db*"))
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
