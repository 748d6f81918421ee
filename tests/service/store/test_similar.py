"""Past leads are found by their points, once it is known what came of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.moment import to_moment
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.similar import MOST, SCORE_POINTS, Likeness, read_similar
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, serving
from tests.service.test_agreement import TEXT

LEADS = 40
HORIZON_DAYS = 90
AS_OF = datetime(2025, 8, 1, tzinfo=UTC)
"""Of the past decisions: their horizon is over by `NOW`."""
CLOSED = {number: "won" if number % 3 == 0 else "lost" for number in range(1, 30)}
"""What came of leads; the others are open."""


def sent(number: int, at: datetime = AS_OF, **more: Any) -> dict[str, Any]:
    """Return a lead as it was a day after it was created."""
    own = {"lead_id": f"L-{number}", "created_at": (at - timedelta(days=1)).isoformat()}
    return body(number, as_of=at.isoformat(), activities=[], **own) | more


def close(client: TestClient, lead_id: str, outcome: str, at: datetime) -> None:
    told = {"lead_id": lead_id, "outcome": outcome, "at": at.isoformat()}
    assert client.post("/outcomes", json=told).status_code == 200


def scored(client: TestClient) -> dict[str, dict[str, Any]]:
    """Return the answers to leads, of which some are closed a month later."""
    found = {}
    for number in range(LEADS):
        answer = client.post("/score", json=sent(number, AS_OF + timedelta(hours=number)))
        found[f"L-{number}"] = answer.json()
    for number, outcome in CLOSED.items():
        close(client, f"L-{number}", outcome, AS_OF + timedelta(days=30))
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
        for n in range(1, LEADS)
        if abs(answers[f"L-{n}"]["score"] - own["score"]) <= SCORE_POINTS
    )
    assert len(expected) > 3
    assert found["looked_at"] == len(expected)
    told = [(one["distance"], one["lead_id"]) for one in found["leads"]]
    assert [lead for _, lead in told] == [lead for _, lead in expected][:MOST]
    assert [far for far, _ in told] == pytest.approx([far for far, _ in expected][:MOST], abs=0.05)
    for one in found["leads"]:
        other = answers[one["lead_id"]]
        assert one["outcome"] == CLOSED.get(int(one["lead_id"][2:]))
        assert (one["score"], one["label"]) == (other["score"], other["label"])
        for of in one["differs"]:
            points = other["ledger"][of["family"]] - own["ledger"][of["family"]]
            assert of["points"] == pytest.approx(points, abs=0.01)
    assert (found["evidence"], found["horizon_days"]) == (own["evidence"], HORIZON_DAYS)


def test_what_comes_after_the_horizon_is_no_win(settings: Settings, url: str) -> None:
    last = AS_OF + timedelta(days=HORIZON_DAYS)
    later = last + timedelta(seconds=1)
    closed = {"on": ("won", last), "after": ("won", later), "lost": ("lost", later)}
    with serving(settings, url) as client:
        for name in ("own", "open", *closed):
            client.post("/score", json=sent(1, lead_id=name))
        for name, (outcome, at) in closed.items():
            close(client, name, outcome, at)
        found = similar(client, "own")
    told = {one["lead_id"]: one["outcome"] for one in found["leads"]}
    assert told == {"on": "won", "after": None, "lost": None, "open": None}


def test_a_decision_counts_once_its_horizon_is_over_whatever_came_of_the_lead(
    settings: Settings, url: str
) -> None:
    over = NOW - timedelta(days=HORIZON_DAYS)
    with serving(settings, url) as client:
        for name, at in (("over", over), ("early", over + timedelta(seconds=1))):
            for outcome in ("won", "lost", "open"):
                client.post("/score", json=sent(1, at, lead_id=f"{name} {outcome}"))
                if outcome != "open":
                    close(client, f"{name} {outcome}", outcome, over + timedelta(days=5))
        client.post("/score", json=sent(1, NOW, lead_id="own"))
        found = similar(client, "own")
    told = {one["lead_id"]: one["outcome"] for one in found["leads"]}
    assert told == {"over won": "won", "over lost": "lost", "over open": None}


def test_each_lead_is_compared_once_at_its_last_decision_that_counts(
    settings: Settings, url: str
) -> None:
    moments = [AS_OF + timedelta(days=day) for day in (0, 10, 20, 140)]
    with serving(settings, url) as client:
        for name in ("open", "won"):
            for at in moments:
                client.post("/score", json=sent(1, at, lead_id=name, created_at=str(AS_OF)))
        close(client, "won", "won", moments[2])
        client.post("/score", json=sent(1, lead_id="own"))
        found = similar(client, "own")
    told = {one["lead_id"]: datetime.fromisoformat(one["as_of"]) for one in found["leads"]}
    assert told == {"open": moments[2], "won": moments[1]}
    assert found["looked_at"] == 2


def test_without_a_horizon_leads_count_that_came_out(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        answers = scored(client)
    engine = open_engine(read_url(url))
    own = answers["L-0"]
    of = Likeness("L-0", own["score"], own["ledger"], own["model_version"])
    with engine.begin() as connection:
        found = read_similar(connection, of, to_moment(NOW), None)
    engine.dispose()
    assert found["leads"]
    for one in found["leads"]:
        assert one["outcome"] == CLOSED[int(one["lead_id"][2:])]


def test_the_lead_itself_is_no_past_lead(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        client.post("/score", json=sent(3, AS_OF + timedelta(days=40), episode=2))
        found = similar(client, "L-3")
    assert found["leads"]
    assert "L-3" not in [one["lead_id"] for one in found["leads"]]


def test_a_lead_that_no_model_scored_is_compared_with_none(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        change(url, "UPDATE leads SET decision_id = NULL, score = NULL WHERE lead_id = 'L-0'")
        found = similar(client, "L-0")
    assert (found["score"], found["evidence"], found["model_version"]) == (None, None, None)
    assert (found["looked_at"], found["leads"]) == (0, [])


def test_while_rules_alone_answer_no_lead_is_compared(
    settings: Settings, url: str, tmp_path: Path
) -> None:
    with serving(settings, url) as client:
        answers = scored(client)
    agreement = tmp_path / "agreement.toml"
    agreement.write_text(TEXT, encoding="utf-8")
    alone = Settings(artifacts=tmp_path / "none", dataset="factory", agreement=agreement)
    with serving(alone, url) as client:
        assert client.post("/score", json=sent(1, dry_run=True)).json()["basis"] == "rules"
        found = similar(client, "L-0")
    assert found["score"] == answers["L-0"]["score"]
    assert (found["looked_at"], found["leads"], found["horizon_days"]) == (0, [], None)


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
        change(url, "UPDATE leads SET outcome_at = decided_as_of WHERE outcome IS NOT NULL")
        found = similar(client, "L-0")
    assert all(int(one["lead_id"][2:]) not in CLOSED for one in found["leads"])


def test_an_erased_lead_is_no_longer_shown(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        scored(client)
        first = similar(client, "L-0")["leads"][0]["lead_id"]
        assert client.delete(f"/leads/{first}").status_code in (200, 204)
        assert first not in [one["lead_id"] for one in similar(client, "L-0")["leads"]]
        assert client.get("/leads/nobody/similar").status_code == 404
