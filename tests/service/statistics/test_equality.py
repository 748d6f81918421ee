"""What indexes count in parts is what one count over all leads finds, erased ones included."""

from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select, update

from features.moment import DAY
from models.agreement.agreement import ServiceLevel
from service.statistics.contacts import read_contacts
from service.statistics.funnel import read_funnel
from service.statistics.labels import read_labels
from service.statistics.span import Span
from service.statistics.value import read_value
from service.store.erasure import erase_lead
from service.store.tables import LEADS, STAGES
from tests.service.statistics.test_statistics import START, connection  # noqa: F401
from tests.service.store.conftest import postgres, url  # noqa: F401

SPAN = Span(START + DAY // 3, START + 40 * DAY + DAY // 5)
REACHED = ("mql_at", "sql_at", "accepted_at", "rejected_at", "opportunity_at")


def some(draw: Random, number: int) -> dict[str, Any]:
    """Return a lead that has come anywhere, in any order."""
    created = START + draw.randrange(60 * DAY)
    row: dict[str, Any] = {"lead_id": f"L-{number}", "episode": 1, "attributes": "{}"}
    row |= {"created_at": created, "channel": draw.choice(("Referral", "Event", None))}
    for name in (*REACHED, "last_known_at", "first_contact_at", "reached_at"):
        row[name] = created + draw.randrange(9 * DAY) if draw.random() < 0.4 else None
    row["mql_at"] = row["sql_at"] if row["mql_at"] is None else row["mql_at"]  # SQL is MQL, too
    row["attempts"] = draw.choice((None, 0, 1, 4))
    outcome = draw.choice((None, "won", "lost"))
    row |= {"outcome": outcome, "outcome_at": outcome and created + draw.randrange(20 * DAY)}
    return row | {"value": draw.choice((None, 10.0, 250.0)) if outcome else None}


def filled(connection: Connection) -> list[dict[str, Any]]:  # noqa: F811
    """Store leads, correct the outcomes of some, erase others; return what is left in the span."""
    draw = Random(3)
    for number in range(300):
        connection.execute(insert(LEADS).values(**some(draw, number)))
    for number in range(0, 300, 7):
        was = LEADS.c.lead_id == f"L-{number}"
        changed = {"outcome": "lost", "value": None, "outcome_at": START + 50 * DAY}
        connection.execute(update(LEADS).where(was).values(**changed))
    rows = connection.execute(select(LEADS)).mappings()
    return [dict(row) for row in rows if SPAN.since <= row["created_at"] < SPAN.until]


def stages_of(leads: list[dict[str, Any]]) -> dict[str, int]:
    """Count by hand how far leads have come."""
    reached = [sum(one[name] is not None for one in leads) for name in REACHED]
    came_out = [sum(one["outcome"] == name for one in leads) for name in ("won", "lost")]
    return dict(zip(STAGES, (len(leads), *reached, *came_out), strict=True))


def test_the_funnel_is_what_a_direct_count_finds(
    connection: Connection,  # noqa: F811
) -> None:
    leads = filled(connection)
    found = read_funnel(connection, SPAN, "day")
    assert {name: found["all"][name] for name in STAGES} == stages_of(leads)
    for one in found["channels"]:
        own = [lead for lead in leads if lead["channel"] == one["channel"]]
        assert {name: one[name] for name in STAGES} == stages_of(own)
    assert sum(one["leads"] for one in found["periods"]) == len(leads)


def test_erased_leads_stay_in_the_funnel(connection: Connection) -> None:  # noqa: F811
    filled(connection)
    whole = Span(START, START + 60 * DAY)
    before = read_funnel(connection, whole, "month")
    for number in range(0, 300, 5):
        erase_lead(connection, f"L-{number}", START, None)
    assert read_funnel(connection, whole, "month") == before


def test_labels_contacts_and_value_are_what_a_direct_count_finds(
    connection: Connection,  # noqa: F811
) -> None:
    leads = filled(connection)
    handed = [one for one in leads if one["mql_at"] is not None]
    labels = read_labels(connection, SPAN, START + 400 * DAY, 90)
    contacts = read_contacts(connection, SPAN, {"SQL": ServiceLevel(least_attempts=2)})
    for at, is_sql in enumerate((False, True)):
        own = [one for one in handed if (one["sql_at"] is not None) == is_sql]
        given_up = [
            one
            for one in own
            if (one["rejected_at"] is not None or one["outcome"] == "lost")
            and one["reached_at"] is None
        ]
        assert labels[at]["handed_over"] == contacts[at]["handed_over"] == len(own)
        assert labels[at]["accepted"] == sum(one["accepted_at"] is not None for one in own)
        assert contacts[at]["given_up"] == len(given_up)
        assert contacts[at]["contacted"] == sum(
            one["first_contact_at"] is not None and one["first_contact_at"] >= one["mql_at"]
            for one in own
        )
    soon = sum((one["attempts"] or 0) < 2 for one in given_up)
    assert contacts[1]["given_up_too_soon"]["share"] == soon / len(given_up)
    for channel in read_value(connection, SPAN):
        own = [one for one in leads if one["channel"] == channel["channel"]]
        won = [one for one in own if one["outcome"] == "won"]
        assert (channel["conversion"]["of"], channel["won"]) == (len(own), len(won))
        assert channel["value"] == sum(one["value"] or 0 for one in won)


def test_sqlite_counts_along_the_indexes(connection: Connection) -> None:  # noqa: F811
    if connection.dialect.name != "sqlite":
        return
    asked: list[str] = []
    raw: Any = connection.connection.driver_connection
    raw.set_trace_callback(asked.append)
    read_funnel(connection, SPAN, "month")
    read_value(connection, SPAN)
    read_contacts(connection, SPAN, {})
    raw.set_trace_callback(None)
    plans = [raw.execute(f"EXPLAIN QUERY PLAN {one}").fetchall() for one in asked]
    steps = " ".join(str(step[-1]) for plan in plans for step in plan)
    for name in ("leads_by_day", "leads_progressed", "leads_won"):
        assert f"COVERING INDEX {name}" in steps
    assert "SCAN leads" not in steps
