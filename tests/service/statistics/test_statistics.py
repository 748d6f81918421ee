"""Statistics equal what is counted by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, insert

from features.moment import DAY, MINUTE, to_moment
from models.agreement.agreement import ServiceLevel
from models.explain.evidence import wilson_interval
from service.settings import Settings
from service.statistics.contacts import read_contacts
from service.statistics.disagreements import read_disagreements
from service.statistics.funnel import read_funnel
from service.statistics.labels import read_labels, read_rejections
from service.statistics.span import Span
from service.statistics.value import read_value
from service.store.database import open_engine, read_url
from service.store.migrations.upgrade import upgrade
from service.store.tables import DECISIONS, FEEDBACK, LEADS
from tests.service.store.conftest import postgres, url  # noqa: F401
from tests.service.store.test_decisions import body, serving

START = to_moment(datetime(2026, 1, 1, tzinfo=UTC))
SPAN = Span(START, START + 365 * DAY)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:  # noqa: F811
    """Return a connection to an empty store of each kind."""
    engine = open_engine(read_url(url))
    with engine.begin() as opened:
        upgrade(opened)
        yield opened
    engine.dispose()


def add(connection: Connection, *leads: dict[str, Any]) -> None:
    """Store leads; days are since the start."""
    for number, lead in enumerate(leads):
        row: dict[str, Any] = {"lead_id": f"L-{number}", "episode": 1, "attributes": "{}"}
        row |= {"created_at": 0, "channel": "Referral"} | lead
        for name, value in row.items():
            if name.endswith("_at") and value is not None:
                row[name] = START + round(value * DAY)
        connection.execute(insert(LEADS).values(**row))


def test_the_funnel_counts_each_stage_by_channel_and_period(connection: Connection) -> None:
    add(
        connection,
        {"created_at": 0, "mql_at": 1, "sql_at": 2, "accepted_at": 3, "opportunity_at": 4},
        {"created_at": 1, "mql_at": 1, "rejected_at": 3, "outcome": "lost", "outcome_at": 9},
        {"created_at": 40, "outcome": "won", "outcome_at": 50},
        {"created_at": 41, "channel": "LinkedIn"},
        {"created_at": 400, "channel": "LinkedIn"},  # outside
        {"created_at": 42, "channel": None},
    )
    found = read_funnel(connection, SPAN, "month")
    stages = ("leads", "mql", "sql", "accepted", "rejected", "opportunities", "won", "lost")
    assert [found["all"][name] for name in stages] == [5, 2, 1, 1, 1, 1, 1, 1]
    assert [(one["channel"], one["leads"]) for one in found["channels"]] == [
        *(("Referral", 3), (None, 1), ("LinkedIn", 1))
    ]
    periods = [(str(one["since"]), one["channel"], one["leads"]) for one in found["periods"]]
    assert periods == [
        ("2026-01-01", "Referral", 2),
        ("2026-02-01", None, 1),
        ("2026-02-01", "LinkedIn", 1),
        ("2026-02-01", "Referral", 1),
    ]
    weeks = read_funnel(connection, SPAN, "week")["periods"]
    assert {one["since"].weekday() for one in weeks} == {0}
    assert found["all"]["conversion"]["mql"]["share"] == 0.4


def test_precision_waits_for_the_horizon_and_mql_leaves_out_sql(connection: Connection) -> None:
    old = {"mql_at": 1, "accepted_at": 2}
    add(
        connection,
        old | {"outcome": "won", "outcome_at": 20},
        old | {"outcome": "won", "outcome_at": 200},  # after the horizon
        old | {"outcome": "lost", "outcome_at": 5},
        {"mql_at": 99, "rejected_at": 99, "outcome": "won", "outcome_at": 100},  # not ripe yet
        {"mql_at": 1, "sql_at": 2, "outcome": "won", "outcome_at": 20},
        {},
    )
    mql, sql = read_labels(connection, SPAN, START + 100 * DAY, 30)
    assert (mql["handed_over"], mql["accepted"], mql["rejected"]) == (4, 3, 1)
    assert mql["acceptance"]["share"] == 0.75
    assert (mql["won"], mql["precision"]["of"]) == (1, 3)
    assert (sql["handed_over"], sql["won"], sql["precision"]["share"]) == (1, 1, 1.0)
    low, high = wilson_interval(np.array([1]), np.array([3]))
    assert (mql["precision"]["low"], mql["precision"]["high"]) == (low[0], high[0])


def test_reasons_of_rejections_are_counted(connection: Connection) -> None:
    for number, code in enumerate(["no_budget", "no_need", "no_budget"]):
        row = {"lead_id": f"L-{number}", "episode": 1, "at": START + DAY, "label": "MQL"}
        said = {"accepted": False, "code": code, "recorded_at": START}
        connection.execute(insert(FEEDBACK).values(**row, **said))
    assert read_rejections(connection, SPAN) == [
        {"label": "MQL", "code": "no_budget", "leads": 2},
        {"label": "MQL", "code": "no_need", "leads": 1},
    ]


def test_delays_of_system_and_people_are_told_apart(connection: Connection) -> None:
    minute = MINUTE / DAY
    lead = {"mql_at": 1, "sql_at": 1, "last_known_at": 1 - 2 * minute}
    add(
        connection,
        lead | {"first_contact_at": 1 + 10 * minute, "reached_at": 2, "attempts": 1},
        lead | {"first_contact_at": 1 + 90 * minute, "attempts": 2, "rejected_at": 3},
        lead | {"attempts": None, "outcome": "lost", "outcome_at": 9},
        lead,
    )
    promised = {"SQL": ServiceLevel(first_contact_minutes=60, least_attempts=3)}
    mql, sql = read_contacts(connection, SPAN, promised)
    assert (mql["handed_over"], sql["handed_over"]) == (0, 4)
    assert sql["system_delay_minutes"] == {"of": 4, "median": 2.0, "p90": 2.0}
    assert (sql["first_contact_minutes"]["median"], sql["contacted"]) == (50.0, 2)
    assert (sql["in_time"]["share"], sql["reached"]) == (0.25, 1)
    assert (sql["given_up"], sql["attempts_before_giving_up"]["median"]) == (2, 1.0)
    assert sql["given_up_too_soon"]["share"] == 1.0


def test_channels_are_valued(connection: Connection) -> None:
    won = {"outcome": "won", "outcome_at": 10}
    add(
        connection,
        won | {"value": 100.0},
        won | {"value": None, "outcome_at": 20},
        {},
        won | {"value": 500.0, "channel": "LinkedIn"},
    )
    dear, cheap = read_value(connection, SPAN)
    assert (dear["channel"], dear["value"], dear["conversion"]["share"]) == ("LinkedIn", 500.0, 1.0)
    assert (cheap["won"], cheap["mean_value"], cheap["wins_with_value"]) == (2, 100.0, 1)
    assert cheap["days_to_win"]["median"] == 15.0


def test_the_routes_answer_on_an_empty_and_a_filled_store(
    settings: Settings, tmp_path: Path
) -> None:
    with serving(settings, f"sqlite:///{tmp_path / 'store.db'}") as client:
        for _ in range(2):
            for name in ("funnel", "labels", "contacts", "value"):
                answer = client.get(f"/statistics/{name}")
                assert answer.status_code == 200, answer.text
                assert answer.json()["until"].startswith("2026-01-02")
            client.post("/score", json=body(1, created_at="2026-01-01T00:00:00Z"))
        assert client.get("/statistics/funnel").json()["all"]["leads"] == 1
        none = client.get("/statistics/funnel", params={"until": "2025-12-01T00:00:00Z"})
        assert none.json()["all"]["leads"] == 0
        assert client.get("/statistics/funnel?since=yesterday").status_code == 422


def test_disagreements_are_the_furthest_from_the_score(connection: Connection) -> None:
    scores = {
        "a": (90, False),
        "b": (40, False),
        "c": (10, True),
        "d": (95, True),
        "e": (99, False),
    }
    for name, (score, accepted) in scores.items():
        place = {"lead_id": name, "episode": 1, "decision_id": name}
        decided = {"as_of": START, "decided_at": START, "agreement_version": "1"}
        kept = {"score": score, "label": "MQL", "content": b""}
        connection.execute(insert(DECISIONS).values(**place, **decided, **kept))
        at = START + (400 if name == "e" else 1) * DAY
        said = {"at": at, "accepted": accepted, "recorded_at": at, "label": "MQL"}
        code = None if accepted else "no_need"
        connection.execute(insert(FEEDBACK).values(**place, **said, code=code))
    found = read_disagreements(connection, SPAN)
    assert [one.lead_id for one in found["rejected"]] == ["a", "b"]
    assert [one.lead_id for one in found["accepted"]] == ["c", "d"]
    assert found["rejected"][0] == ("a", 1, 90, "MQL", "no_need")
