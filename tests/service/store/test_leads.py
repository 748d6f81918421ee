"""What is stored of a lead and what is sent of it are one lead."""

import random
from typing import Any

import pytest

from service.settings import Settings
from tests.service.store.test_decisions import body, rows, serving

AS_OF = "2026-01-01T00:00:00Z"
SAME = ("probability", "score", "label", "grade", "ledger", "reasons", "missing", "evidence")


def shuffled(whole: dict[str, Any], seed: int, *, into: int = 3) -> list[dict[str, Any]]:
    """Return a lead in several requests, its facts in any order."""
    draw = random.Random(seed)
    parts = [body(1, attributes={}, activities=[]) for _ in range(into)]
    for name, value in whole["attributes"].items():
        draw.choice(parts)["attributes"][name] = value
    deeds = list(whole["activities"])
    draw.shuffle(deeds)
    for deed in deeds:
        for part in draw.sample(parts, draw.choice((1, 1, 2))):  # some are sent twice
            part["activities"].append(deed)
    return parts


@pytest.mark.parametrize("seed", range(6))
def test_a_lead_in_parts_equals_the_lead_at_once(settings: Settings, url: str, seed: int) -> None:
    whole = body(1)
    with serving(settings, url) as client:
        at_once = client.post("/score", json=whole | {"lead_id": "other"}).json()
        for part in shuffled(whole, seed):
            last = client.post("/score", json=part).json()
    assert {name: last[name] for name in SAME} == {name: at_once[name] for name in SAME}


def test_what_is_sent_counts_before_what_is_stored(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1))
        emptied = body(1, attributes={"a6_category": None}, activities=[])
        answer = client.post("/score", json=emptied).json()
    assert answer["missing"] == ["a6_category"]


def test_what_became_known_later_is_not_seen(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1, as_of="2026-01-02T00:00:00Z"))
        earlier = client.post("/score", json=body(1, attributes={}, dry_run=True)).json()
    assert len(earlier["missing"]) == 20


def test_the_first_channel_and_moment_of_creation_stay(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        first = client.post("/score", json=body(1, channel="Referral")).json()
        again = body(1, channel="LinkedIn", created_at=AS_OF, dry_run=True)
        second = client.post("/score", json=again).json()
        other = client.post("/score", json=again | {"lead_id": "L-2"}).json()
    assert second["probability"] == first["probability"] != other["probability"]


def test_a_channel_that_is_told_later_is_the_first_known_one(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        whole = client.post("/score", json=body(1, lead_id="L-whole", channel="Referral")).json()
        client.post("/score", json=body(1, channel=None, source=None))
        client.post("/score", json=body(1, channel="Referral"))
        later = client.post("/score", json=body(1, channel=None, source=None)).json()
    assert later["ledger"] == whole["ledger"]
    kept = rows(url, "SELECT channel FROM leads WHERE lead_id = 'L-1'")
    assert kept == rows(url, "SELECT channel FROM leads WHERE lead_id = 'L-whole'")


def test_another_episode_is_another_lead(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1))
        answer = client.post("/score", json=body(1, episode=2, attributes={})).json()
    assert len(answer["missing"]) == 20
    assert [one for (one,) in rows(url, "SELECT episode FROM leads ORDER BY episode")] == [1, 2]


def test_the_stored_label_wins_and_a_hand_over_holds(settings: Settings, url: str) -> None:
    handed = {"previous_label": "SQL", "handed_over_at": AS_OF}
    with serving(settings, url) as client:
        first = client.post("/score", json=body(1, **handed)).json()
        told = body(1, previous_label="nurture", attributes={}, activities=[])
        second = client.post("/score", json=told | {"as_of": "2026-01-02T00:00:00Z"}).json()
    assert (first["label"], second["label"]) == ("SQL", "SQL")
    kept = rows(url, "SELECT label, handed_over_at FROM leads")
    assert [tuple(row) for row in kept] == [("SQL", 1767225600000000)]


def test_a_lead_that_becomes_more_is_handed_over_then(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        labels = {
            client.post("/score", json=body(seed)).json()["label"]: f"L-{seed}"
            for seed in range(40)
        }
    assert {"nurture", "MQL"} <= set(labels)
    found = dict(map(tuple, rows(url, "SELECT lead_id, handed_over_at FROM leads")))
    assert found[labels["nurture"]] is None
    assert found[labels["MQL"]] == 1767312000000000  # the moment of the decision
