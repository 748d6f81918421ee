"""Past leads are found by their points, once it is known what came of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.similar import MOST, SCORE_POINTS
from tests.service.store.test_decisions import body, serving

LEADS = 40
CLOSED = {number: "won" if number % 3 == 0 else "lost" for number in range(1, 30)}
"""What came of leads; the others are open."""


def scored(client: TestClient) -> dict[str, dict[str, Any]]:
    """Return the answers to leads, of which some are closed later."""
    found = {}
    for number in range(LEADS):
        created = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=number)
        lead = body(number, lead_id=f"L-{number}", created_at=created.isoformat())
        found[f"L-{number}"] = client.post("/score", json=lead).json()
    for number, outcome in CLOSED.items():
        told = {"lead_id": f"L-{number}", "outcome": outcome, "at": "2026-01-01T12:00:00Z"}
        assert client.post("/outcomes", json=told).status_code == 200
    return found


def change(url: str, statement: str) -> None:
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def similar(client: TestClient, lead_id: str) -> dict[str, Any]:
    answer = client.get(f"/leads/{lead_id}/similar")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def distance(one: dict[str, Any], other: dict[str, Any]) -> float:
    return float(sum(abs(one["ledger"][name] - other["ledger"][name]) for name in one["ledger"]))


def test_the_nearest_in_points_come_first_each_with_its_outcome(
    settings: Settings, url: str
) -> None:
    with serving(settings, url) as client:
        answers = scored(client)
        found = similar(client, "L-0")
    own = answers["L-0"]
    expected = sorted(
        (round(distance(own, answers[f"L-{n}"]), 2), f"L-{n}")
        for n in CLOSED
        if abs(answers[f"L-{n}"]["score"] - own["score"]) <= SCORE_POINTS
    )
    assert len(expected) > 3
    assert found["looked_at"] == len(expected)
    told = [(one["distance"], one["lead_id"]) for one in found["leads"]]
    assert [lead for _, lead in told] == [lead for _, lead in expected][:MOST]
    assert [far for far, _ in told] == pytest.approx([far for far, _ in expected][:MOST], abs=0.05)
    for one in found["leads"]:
        other = answers[one["lead_id"]]
        assert one["outcome"] == CLOSED[int(one["lead_id"][2:])]
        assert (one["score"], one["label"]) == (other["score"], other["label"])
        for of in one["differs"]:
            points = other["ledger"][of["family"]] - own["ledger"][of["family"]]
            assert of["points"] == pytest.approx(points, abs=0.01)
    assert found["evidence"] == own["evidence"]


def test_the_lead_itself_and_open_ones_are_no_past_leads(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        found = similar(client, "L-3")
    assert "L-3" not in [one["lead_id"] for one in found["leads"]]
    assert all(one["outcome"] is not None for one in found["leads"])


def test_an_open_lead_counts_once_its_horizon_is_over(settings: Settings, url: str) -> None:
    old = {"created_at": "2024-01-01T00:00:00Z", "as_of": "2026-01-01T00:00:00Z"}
    with serving(settings, url) as client:
        client.post("/score", json=body(1) | old)
        client.post("/score", json=body(1, lead_id="L-new"))
        client.post("/score", json=body(1, lead_id="L-now") | old)
        found = similar(client, "L-now")
    assert [(one["lead_id"], one["outcome"]) for one in found["leads"]] == [("L-1", None)]


def test_points_of_another_model_are_not_compared(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        rows_before = similar(client, "L-0")["looked_at"]
        change(url, "UPDATE decisions SET model_version = 'other' WHERE lead_id <> 'L-0'")
        found = similar(client, "L-0")
    assert rows_before > 0
    assert (found["looked_at"], found["leads"]) == (0, [])


def test_what_was_decided_after_the_outcome_is_not_compared(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        change(url, "UPDATE leads SET outcome_at = decided_as_of - 1 WHERE outcome IS NOT NULL")
        assert similar(client, "L-0")["leads"] == []


def test_an_erased_lead_is_no_longer_shown(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        first = similar(client, "L-0")["leads"][0]["lead_id"]
        assert client.delete(f"/leads/{first}").status_code in (200, 204)
        assert first not in [one["lead_id"] for one in similar(client, "L-0")["leads"]]
        assert client.get("/leads/nobody/similar").status_code == 404
