"""Activities count once, in whatever order and however often they come."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.settings import Settings
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving
from tests.service.store.test_leads import SAME

NOW_TEXT = NOW.isoformat()
AT = ("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z", "2026-01-01T12:00:00Z")


def posted(deeds: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"activities": [{"lead_id": "L-1", **deed, **more} for deed in deeds]}


def count(url: str) -> int:
    return int(rows(url, "SELECT count(*) FROM activities")[0][0])


@pytest.mark.parametrize("seed", range(3))
def test_activities_posted_in_any_order_equal_the_lead_at_once(
    settings: Settings, url: str, seed: int
) -> None:
    whole = body(1, as_of=NOW_TEXT)
    deeds = list(whole["activities"])
    random.Random(seed).shuffle(deeds)
    with serving(settings, url) as client:
        at_once = client.post("/score", json=whole | {"lead_id": "other"}).json()
        client.post("/score", json=whole | {"activities": []})
        for some in (deeds[:4], deeds[2:7], deeds[6:]):  # some are sent twice
            found = client.post("/activities", json=posted(some))
            assert found.status_code == 200, found.text
        last = found.json()["results"][0]["answer"]
    assert {name: last[name] for name in SAME} == {name: at_once[name] for name in SAME}
    assert count(url) == 20


def test_an_activity_alone_says_what_it_changed(settings: Settings, url: str) -> None:
    visit = {"lead_id": "L-1", "kind": "demo_request", "occurred_at": "2026-01-01T12:00:00Z"}
    with serving(settings, url) as client:
        before = client.post("/score", json=body(1, activities=[])).json()
        once = client.post("/activities", json=visit).json()["results"][0]
        again = client.post("/activities", json=visit).json()["results"][0]
    assert (once["status"], once["new"], again["new"]) == (200, 1, 0)
    assert once["answer"]["label_before"] == before["label"]
    assert once["answer"]["changed"] == (once["answer"]["label"] != before["label"])
    assert once["answer"]["recorded"] is True


def test_an_id_stands_for_one_activity(settings: Settings, url: str) -> None:
    visit = {"kind": "page_view", "occurred_at": "2026-01-01T12:00:00Z"}
    with serving(settings, url) as client:
        client.post("/score", json=body(1, activities=[visit]))
        # the first names what was stored, the second is another one of the same moment
        for name in ("v-1", "v-2", "v-1", "v-2"):
            client.post("/activities", json=posted([visit], id=name))
        moved = visit | {"occurred_at": "2026-01-01T13:00:00Z"}
        client.post("/activities", json=posted([moved], id="v-2", actor="seat-4"))
    found = rows(url, "SELECT place, activity_id FROM activities ORDER BY place")
    assert [tuple(row) for row in found] == [(0, "v-1"), (1, "v-2")]


def test_a_lead_that_is_not_known_is_told_and_stops_nobody(settings: Settings, url: str) -> None:
    visit = {"kind": "page_view", "occurred_at": "2026-01-01T12:00:00Z"}
    with serving(settings, url) as client:
        client.post("/score", json=body(1, activities=[]))
        sent = posted([visit])["activities"] + [{"lead_id": "nobody", **visit}]
        results = client.post("/activities", json={"activities": sent}).json()["results"]
    assert [(one["lead_id"], one["status"]) for one in results] == [("L-1", 200), ("nobody", 404)]
    assert count(url) == 1


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ([], 'body: expected an activity, or {"activities": [...]}'),
        ({"activities": []}, "activities: "),
        ({"lead_id": "a", "kind": "x"}, "activities[0].occurred_at: is required"),
        ({"activities": [{"lead_id": "a", "kind": "x", "occurred_at": 5}]}, "activities[0].occurr"),
        (posted([{"kind": "x", "occurred_at": "2026-01-01T00:00:00Z"}] * 1001), "activities: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    settings: Settings, tmp_path: Any, sent: Any, detail: str
) -> None:
    with serving(settings, f"sqlite:///{tmp_path / 'store.db'}") as client:
        answer = client.post("/activities", json=sent)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)


def test_a_put_lead_is_scored_again_and_says_whether_its_label_changed(
    settings: Settings, url: str
) -> None:
    lead = {name: value for name, value in body(1).items() if name != "lead_id"}
    with serving(settings, url) as client:
        first = client.put("/leads/L-1", json=lead).json()
        second = client.put("/leads/L-1", json={"as_of": lead["as_of"]}).json()
        other = client.put("/leads/L-1", json=lead | {"lead_id": "L-2"})
    assert (first["label_before"], first["changed"]) == (None, True)
    assert (second["label_before"], second["changed"]) == (first["label"], False)
    assert {name: second[name] for name in SAME} == {name: first[name] for name in SAME}
    assert (other.status_code, other.json()["detail"].split(":")[0]) == (422, "lead_id")


def test_a_lead_is_told_with_its_trend_and_everything_that_happened(
    settings: Settings, url: str
) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1, as_of="2025-12-20T00:00:00Z"))
        last = client.put("/leads/L-1", json={"as_of": NOW_TEXT}).json()
        found = client.get("/leads/L-1").json()
        unknown = client.get("/leads/nobody")
    assert (found["score"], found["label"]) == (last["score"], last["label"])
    assert found["decision_id"] == last["decision_id"]
    assert found["trend"] in ("rising", "steady", "falling")
    decisions = [item for item in found["timeline"] if item["what"] == "decision"]
    assert len(decisions) == 2
    assert len(found["timeline"]) == 2 + len(body(1)["activities"])
    assert set(decisions[1]["changes"]) <= {"fit", "intent", "channel", "timing", "quality", "cap"}
    assert "@" not in str(found)
    assert unknown.status_code == 404


def test_what_people_did_stands_in_the_timeline(settings: Settings, url: str) -> None:
    said = {"lead_id": "L-1"}
    with serving(settings, url) as client:
        client.post("/score", json=body(1, activities=[]))
        client.post("/contacts", json=said | {"means": "phone", "reached": True, "at": AT[0]})
        client.post("/feedback", json=said | {"accepted": False, "code": "no_need", "at": AT[1]})
        client.post("/outcomes", json=said | {"outcome": "lost", "at": AT[2]})
        items = client.get("/leads/L-1").json()["timeline"]
    people = [item for item in items if item["what"] != "decision"]
    assert [item["what"] for item in people] == ["contact", "feedback", "outcome"]
    assert (people[0]["reached"], people[1]["code"], people[2]["outcome"]) == (
        *(True, "no_need", "lost"),
    )
    assert [item["at"] for item in people] == list(AT)


def test_two_services_on_one_database_lose_and_double_nothing(settings: Settings, url: str) -> None:
    deeds = [
        {"kind": "page_view", "occurred_at": f"2026-01-01T{hour:02}:{minute:02}:00Z"}
        for hour in range(6)
        for minute in range(10)
    ]
    with serving(settings, url) as one, serving(settings, url) as other:
        one.post("/score", json=body(1, activities=[]))

        def send(number: int) -> list[int]:
            some = deeds[number * 5 : number * 5 + 10]  # each is sent by two
            client = (one, other)[number % 2]
            answer = client.post("/activities", json=posted(some))
            assert answer.status_code == 200, answer.text
            return [item["new"] for item in answer.json()["results"]]

        with ThreadPoolExecutor(4) as pool:
            new = [sum(found) for found in pool.map(send, range(12))]
        last = one.post("/activities", json=posted(deeds[:1])).json()["results"][0]["answer"]
        alone = body(2, lead_id="L-9", as_of=NOW_TEXT) | {
            name: value for name, value in body(1).items() if name in ("attributes", "channel")
        }
        at_once = one.post(
            "/score",
            json=alone | {k: body(1)[k] for k in ("created_at", "source")} | {"activities": deeds},
        ).json()
    assert sum(new) == len(deeds) == 60
    assert count(url) == 120  # those of the lead at once as well
    assert last["ledger"] == at_once["ledger"]
