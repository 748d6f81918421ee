"""The leads to work now come first that are worth most and wait longest."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from starlette.testclient import TestClient

from features.moment import to_moment
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.worklist import WorklistQuery, read_worklist
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving


def lead(client: TestClient, url: str, name: str, **known: Any) -> None:
    """Store a lead, and let it have come where the test wants it."""
    client.post("/score", json=body(1, lead_id=name, channel=known.pop("channel", "Referral")))
    values = {"label": "SQL", "probability": 0.2, "outcome": None, **known}
    for moment in ("handed_over_at", "contact_by", "last_contact_at"):
        at = values.get(moment)
        values[moment] = None if at is None else to_moment(at)
    change(url, name, values)


def change(url: str, name: str, values: dict[str, Any]) -> None:
    engine = open_engine(read_url(url))
    said = ", ".join(f"{column} = {literal(value)}" for column, value in values.items())
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE leads SET {said} WHERE lead_id = '{name}'")
    engine.dispose()


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def ids(client: TestClient, **asked: Any) -> list[str]:
    answer = client.get("/worklist", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["lead_id"] for item in answer.json()["items"]]


HOUR = timedelta(hours=1)


def test_worth_and_urgency_make_the_order(settings: Settings, url: str) -> None:
    fresh: dict[str, Any] = {"handed_over_at": NOW, "contact_by": NOW + HOUR}
    late: dict[str, Any] = {"handed_over_at": NOW - 2 * HOUR, "contact_by": NOW - HOUR}
    tried = late | {"last_contact_at": NOW - HOUR}
    with serving(settings, url) as client:
        lead(client, url, "L-fresh", **fresh)
        lead(client, url, "L-late", **late)
        lead(client, url, "L-tried", probability=0.25, **tried)
        lead(client, url, "L-likely", probability=0.39, **fresh)
        lead(client, url, "L-done", handed_over_at=None)
        lead(client, url, "L-won", outcome="won", **late)
        found = client.get("/worklist").json()
    assert [item["lead_id"] for item in found["items"]] == [
        *("L-late", "L-likely", "L-tried", "L-fresh")
    ]
    assert found["total"] == 4
    assert [item["priority"] for item in found["items"]] == pytest.approx([0.4, 0.39, 0.25, 0.2])
    assert found["items"][0]["reasons"]


def test_a_channel_with_dear_wins_goes_first(settings: Settings, url: str) -> None:
    waiting: dict[str, Any] = {"handed_over_at": NOW, "contact_by": None}
    with serving(settings, url) as client:
        for number, (channel, value) in enumerate([("Referral", 100.0), ("LinkedIn", 1000.0)] * 5):
            name = f"W-{number}"
            lead(client, url, name, channel=channel, outcome="won", value=value)
        lead(client, url, "L-cheap", channel="Referral", probability=0.2, **waiting)
        lead(client, url, "L-dear", channel="LinkedIn", probability=0.15, **waiting)
        items = client.get("/worklist").json()["items"]
    # five wins of 1,000 and the mean of all, 550, counted ten times
    dear, cheap = (5 * 1000 + 10 * 550) / 15, (5 * 100 + 10 * 550) / 15
    assert [item["lead_id"] for item in items] == ["L-dear", "L-cheap"]
    assert [item["priority"] for item in items] == pytest.approx([0.15 * dear, 0.2 * cheap])


def test_label_owner_and_pages_are_asked_for(settings: Settings, url: str) -> None:
    waiting: dict[str, Any] = {"handed_over_at": NOW, "contact_by": None}
    with serving(settings, url) as client:
        for number in range(5):
            owner, label = ("rep-1", "SQL") if number % 2 else ("rep-2", "MQL")
            lead(client, url, f"L-{number}", label=label, owner=owner, **waiting)
        assert ids(client, owner="rep-1") == ["L-1", "L-3"]
        assert ids(client, label="MQL") == ["L-0", "L-2", "L-4"]
        assert ids(client, limit=2, offset=1) == ["L-1", "L-2"]
        assert client.get("/worklist", params={"label": "disqualified"}).status_code == 422


def test_a_handed_over_lead_waits_until_sales_answer(settings: Settings, url: str) -> None:
    handed = {"previous_label": "SQL", "handed_over_at": "2025-12-31T00:00:00Z"}
    with serving(settings, url) as client:
        client.post("/score", json=body(1, owner="rep-1", **handed))
        client.post("/contacts", json={"lead_id": "L-1", "means": "phone", "reached": False})
        [item] = client.get("/worklist").json()["items"]
        assert (item["lead_id"], item["owner"], item["attempts"]) == ("L-1", "rep-1", 1)
        client.post("/feedback", json={"lead_id": "L-1", "accepted": True})
        assert ids(client) == []
    journey = "SELECT attempts, rejected_at, accepted_at IS NOT NULL FROM leads"
    assert tuple(rows(url, journey)[0]) == (1, None, True)


def test_drawn_leads_are_offered_with_their_label_as_it_is(settings: Settings, url: str) -> None:
    drawing = settings.model_copy(update={"exploration_share": 0.5, "experiment": "e"})
    with serving(drawing, url) as client:
        answers = [
            client.post("/score", json=body(1, lead_id=f"L-{n}", activities=[])).json()
            for n in range(30)
        ]
        below = [one for one in answers if one["label"] == "nurture"]
        drawn = {one["lead_id"] for one in below if one["offered"] == "exploration"}
        assert 5 < len(drawn) < 25
        assert {one["propensity"] for one in below} == {0.5}
        items = client.get("/worklist").json()["items"]
        assert {item["lead_id"] for item in items} == drawn
        assert {(item["label"], item["offered"]) for item in items} == {("nurture", "exploration")}
        again = client.post("/score", json=body(1, lead_id="L-3", activities=[])).json()
        assert (again["offered"] == "exploration") == ("L-3" in drawn)
        for lead in drawn:
            client.post("/feedback", json={"lead_id": lead, "accepted": False, "code": "no_need"})
        assert ids(client) == []


@pytest.mark.parametrize("label", ["SQL", None])
def test_the_order_comes_from_an_index_without_whole_leads(
    tmp_path: Path, label: str | None
) -> None:
    engine = open_engine(read_url(f"sqlite:///{tmp_path / 'store.db'}"))
    store, asked = SqlStore(engine), WorklistQuery(label, None, 25, 0, to_moment(NOW))
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    def plans(connection: Connection) -> list[str]:
        read_worklist(connection, asked)
        of_leads = [one for one in sent if "ranked" in one[0] or "count(" in one[0]]
        explained = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            for statement, values in of_leads
        ]
        return ["; ".join(row[3] for row in rows) for rows in explained]

    store.reading(lambda _: None)
    event.listen(engine, "before_cursor_execute", note)
    found = store.reading(plans)
    store.close()
    assert len(found) == 2
    assert all("SCAN leads USING COVERING INDEX leads_to_work" in plan for plan in found), found
    assert not any("MULTI-INDEX OR" in plan for plan in found)
