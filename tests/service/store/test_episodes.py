"""A lost lead that asks again opens a new episode; nothing else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.settings import Settings
from tests.service.store.test_decisions import body, rows, serving

LOST = {"lead_id": "L-1", "outcome": "lost", "at": "2026-01-05T00:00:00Z"}
LATER = "2026-02-01T00:00:00Z"
AGAIN = {"kind": "demo_request", "occurred_at": "2026-01-31T12:00:00Z"}
LOOKED = {"kind": "page_view", "occurred_at": "2026-01-31T12:00:00Z"}
PRICED = {"kind": "pricing_page", "occurred_at": "2026-01-31T12:00:00Z"}
EPISODES = "SELECT episode, channel, outcome, label FROM leads WHERE lead_id = 'L-1' ORDER BY 1"


AGREED = """
dataset = "factory"
version = "7"
[[inquiry]]
activity = "form_submit"
[[explicit_intent]]
activity = "demo_request"
[[explicit_intent]]
activity = "pricing_page"
least_count = 2
[lines]
mql = { probability = 0.1 }
sql = { probability = 0.2 }
"""


@pytest.fixture
def agreed(settings: Settings, tmp_path: Path) -> Settings:
    """Return settings with an agreement that says by what leads ask."""
    path = tmp_path / "agreement.toml"
    path.write_text(AGREED, encoding="utf-8")
    return settings.model_copy(update={"agreement": path})


@pytest.fixture
def client(agreed: Settings, url: str) -> Iterator[TestClient]:
    """Return a service that knows one lost lead."""
    with serving(agreed, url) as serving_one:
        serving_one.post("/score", json=body(1))
        serving_one.post("/outcomes", json=LOST)
        yield serving_one


def again(**more: Any) -> dict[str, Any]:
    """Return a later request about the lead, with no more than what is new."""
    return {"lead_id": "L-1", "as_of": LATER, "activities": [AGAIN], **more}


def test_a_lost_lead_that_asks_again_opens_a_new_episode(client: TestClient, url: str) -> None:
    first = client.get("/leads/L-1").json()
    answer = client.post("/score", json=again(channel="Referral")).json()
    second = client.get("/leads/L-1").json()
    old = client.get("/leads/L-1?episode=1").json()
    assert (second["episode"], second["channel"]) == (2, "referral")
    assert second["created_at"] == AGAIN["occurred_at"]
    assert second["attributes"] == first["attributes"]
    assert second["decision_id"] == answer["decision_id"]
    assert old["decision_id"] == first["decision_id"]
    replayed = client.post(f"/decisions/{answer['decision_id']}/replay").json()
    assert replayed["equal"], replayed
    kept = rows(url, "SELECT count(*) FROM activities WHERE lead_id = 'L-1'")[0][0]
    assert kept == len(body(1)["activities"]) + 1


def test_the_new_episode_is_scored_as_one_with_the_earlier_history(client: TestClient) -> None:
    answer = client.post("/score", json=again()).json()
    whole = body(1, as_of=LATER, created_at=AGAIN["occurred_at"], episode=2)
    whole["activities"] = [*whole["activities"], AGAIN]
    at_once = client.post("/score", json=whole | {"lead_id": "L-9"}).json()
    assert answer["probability"] == at_once["probability"]


def test_what_follows_belongs_to_the_new_episode(client: TestClient, url: str) -> None:
    client.post("/score", json=again())
    client.post("/score", json=again())
    told = client.post("/outcomes", json=LOST | {"outcome": "won", "at": LATER}).json()
    assert told["episode"] == 2
    assert [row[2] for row in rows(url, EPISODES)] == ["lost", "won"]


@pytest.mark.parametrize(
    "sent",
    [
        again(activities=[LOOKED]),
        again(activities=[PRICED]),
        again(activities=[]),
        again(episode=1),
        again(as_of="2026-01-04T00:00:00Z"),
        again(activities=[AGAIN | {"occurred_at": "2026-01-04T00:00:00Z"}]),
    ],
    ids=[
        "looks",
        "looks once at a price",
        "nothing",
        "names the old one",
        "looked at before the loss",
        "asked before it",
    ],
)
def test_nothing_else_opens_an_episode(client: TestClient, url: str, sent: dict[str, Any]) -> None:
    assert client.post("/score", json=sent).status_code == 200
    assert len(rows(url, EPISODES)) == 1


def test_a_lead_that_came_in_after_its_loss_is_a_new_episode(client: TestClient, url: str) -> None:
    client.post("/score", json=again(activities=[], created_at="2026-01-20T00:00:00Z"))
    assert [row[0] for row in rows(url, EPISODES)] == [1, 2]


def test_an_activity_alone_opens_an_episode_once(client: TestClient, url: str) -> None:
    client.post("/outcomes", json=LOST | {"at": "2025-12-31T00:00:00Z", "corrects": True})
    deed = {"lead_id": "L-1", **AGAIN, "occurred_at": "2026-01-01T00:00:00Z", "id": "a-77"}
    for new in (1, 0):
        [item] = client.post("/activities", json=deed).json()["results"]
        assert item["new"] == new
        assert item["answer"]["label_before"] == (None if new else item["answer"]["label"])
    assert [row[0] for row in rows(url, EPISODES)] == [1, 2]


def test_a_won_lead_stays_one_episode(agreed: Settings, url: str) -> None:
    with serving(agreed, url) as one:
        one.post("/score", json=body(1))
        one.post("/outcomes", json=LOST | {"outcome": "won"})
        one.post("/score", json=again())
    assert len(rows(url, EPISODES)) == 1
