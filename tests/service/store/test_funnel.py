"""What sales say is kept once, conflicts are refused, and corrections are written down."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.settings import Settings
from tests.service.store.test_decisions import body, rows, serving

AT = "2026-01-01T12:00:00Z"
HANDED = {"previous_label": "SQL", "handed_over_at": "2025-12-31T00:00:00Z"}


def scored(client: TestClient, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/score", json=body(1, **HANDED, **more)).json()
    return answer


def test_a_verdict_is_tied_to_the_decision_and_ends_the_hand_over(
    settings: Settings, url: str
) -> None:
    rejected = {"lead_id": "L-1", "accepted": False, "code": "no_budget", "at": AT}
    with serving(settings, url) as client:
        answer = scored(client)
        found = client.post("/feedback", json=rejected)
        later = client.post(
            "/score", json=body(1, attributes={}, as_of="2026-01-02T00:00:00Z")
        ).json()
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["decision_id"], told["label"]) == (answer["decision_id"], "SQL")
    assert later["qualification"]["rule"] != "handed_over"
    assert tuple(rows(url, "SELECT accepted, code FROM feedback")[0]) == (False, "no_budget")


def test_the_same_said_twice_is_kept_once(settings: Settings, url: str) -> None:
    sent = {
        "/feedback": {"lead_id": "L-1", "accepted": True, "at": AT},
        "/outcomes": {"lead_id": "L-1", "outcome": "won", "value": 900.5, "at": AT},
        "/contacts": {"lead_id": "L-1", "means": "phone", "reached": False, "at": AT},
    }
    with serving(settings, url) as client:
        scored(client)
        for path, said in sent.items():
            new = [client.post(path, json=said).json()["new"] for _ in range(2)]
            assert new == [True, False], path
    for table in ("feedback", "outcomes", "contacts"):
        assert rows(url, f"SELECT count(*) FROM {table}")[0][0] == 1


def test_a_key_makes_a_repeated_request_change_nothing(settings: Settings, url: str) -> None:
    said = {"lead_id": "L-1", "means": "phone", "reached": True}  # without a moment: now
    key = {"Idempotency-Key": "call-17"}
    with serving(settings, url) as client:
        scored(client)
        first, again = (client.post("/contacts", json=said, headers=key) for _ in range(2))
        other = client.post("/contacts", json=said | {"reached": False}, headers=key)
        failed = client.post(
            "/contacts", json=said | {"lead_id": "nobody"}, headers={"Idempotency-Key": "x"}
        )
        mended = client.post("/contacts", json=said | {"at": AT}, headers={"Idempotency-Key": "x"})
    assert first.json() == again.json()
    assert (other.status_code, other.json()["error"]) == (409, "ConflictError")
    assert (failed.status_code, mended.status_code) == (404, 200)  # what failed took no key


def test_another_outcome_is_refused_until_it_is_a_correction(settings: Settings, url: str) -> None:
    won = {"lead_id": "L-1", "outcome": "won", "value": 10.0, "at": AT}
    lost = {"lead_id": "L-1", "outcome": "lost", "at": AT}
    with serving(settings, url) as client:
        scored(client)
        assert client.post("/outcomes", json=lost | {"corrects": True}).status_code == 404
        opened = client.post("/outcomes", json={"lead_id": "L-1", "outcome": "opportunity"})
        assert opened.status_code == 200
        client.post("/outcomes", json=won)
        refused = client.post("/outcomes", json=lost)
        corrected = client.post("/outcomes", json=lost | {"corrects": True})
    assert (refused.status_code, refused.json()["error"]) == (409, "ConflictError")
    assert refused.json()["detail"].startswith("outcome: ")
    assert corrected.status_code == 200
    kept = rows(url, "SELECT stage, outcome FROM outcomes ORDER BY stage")
    assert [tuple(row) for row in kept] == [("closed", "lost"), ("opened", "opportunity")]
    entry = rows(url, "SELECT what, subject, content FROM audit")
    assert [(row[0], row[1]) for row in entry] == [("outcome corrected", "L-1")]
    assert '"won"' in entry[0][2]


@pytest.mark.parametrize(
    ("path", "said", "detail"),
    [
        ("/feedback", {"accepted": False}, "body: a rejection needs a code: one of wrong_company"),
        ("/feedback", {"accepted": True, "code": "no_need"}, "body: a code and a text belong"),
        ("/feedback", {"accepted": False, "code": "no_need", "text": "x"}, "body: a text belongs"),
        ("/feedback", {"accepted": "yes"}, "accepted: "),
        ("/outcomes", {"outcome": "maybe"}, "outcome: "),
        ("/outcomes", {"outcome": "won", "value": -1}, "value: "),
        ("/contacts", {"means": "phone"}, "reached: is required"),
        ("/contacts", {"means": "phone", "reached": True, "at": 7}, "at: expected a date and time"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    settings: Settings, tmp_path: Any, path: str, said: dict[str, Any], detail: str
) -> None:
    with serving(settings, f"sqlite:///{tmp_path / 'store.db'}") as client:
        answer = client.post(path, json={"lead_id": "L-1"} | said)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail), answer.text


def test_nothing_is_said_of_leads_and_decisions_that_are_not_there(
    settings: Settings, url: str
) -> None:
    with serving(settings, url) as client:
        scored(client)
        other = client.post("/score", json=body(2)).json()["decision_id"]
        said = {"lead_id": "L-1", "accepted": True}
        assert client.post("/feedback", json=said | {"lead_id": "x"}).status_code == 404
        assert client.post("/feedback", json=said | {"decision_id": other}).status_code == 404
        assert client.post("/feedback", json=said | {"episode": 2}).status_code == 404
    assert rows(url, "SELECT count(*) FROM feedback")[0][0] == 0


def test_two_services_agree_on_one_outcome(settings: Settings, url: str) -> None:
    with serving(settings, url) as one, serving(settings, url) as other:
        scored(one)

        def say(number: int) -> int:
            client, outcome = ((one, "won"), (other, "lost"))[number % 2]
            said = {"lead_id": "L-1", "outcome": outcome, "at": AT}
            return client.post("/outcomes", json=said).status_code

        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(say, range(12)))
    assert sorted(statuses) == [200] * 6 + [409] * 6
    assert rows(url, "SELECT count(*) FROM outcomes")[0][0] == 1


def test_two_services_make_a_change_with_a_key_once(settings: Settings, url: str) -> None:
    said = {"lead_id": "L-1", "means": "phone", "reached": True}  # without a moment: now
    with serving(settings, url) as one, serving(settings, url) as other:
        scored(one)

        def say(number: int) -> tuple[int, str]:
            client, key = (one, other)[number % 2], {"Idempotency-Key": f"call-{number // 4}"}
            answer = client.post("/contacts", json=said, headers=key)
            return answer.status_code, answer.text

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(say, range(32)))
    assert {status for status, _ in answers} == {200}
    assert all(len({text for _, text in answers[at : at + 4]}) == 1 for at in range(0, 32, 4))
