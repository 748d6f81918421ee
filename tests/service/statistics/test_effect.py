"""Leads held out of the agreement tell what it changes."""

import math
from typing import Any

import pytest
from sqlalchemy import Connection

from features.moment import DAY
from service.exploration import arm_of, offered
from service.settings import Settings
from service.statistics.effect import read_effect
from tests.service.statistics.test_statistics import (  # noqa: F401
    SPAN,
    START,
    add,
    connection,
)
from tests.service.store.conftest import postgres, url  # noqa: F401
from tests.service.store.test_decisions import body, rows, serving


def test_both_sides_are_counted_by_hand_after_a_horizon(
    connection: Connection,  # noqa: F811
) -> None:
    routed, held = {"arm": "agreement", "label": "SQL"}, {"arm": "holdout", "label": "nurture"}
    won = {"outcome": "won", "outcome_at": 10}
    add(
        connection,
        routed | won | {"value": 100.0},
        routed | won | {"outcome_at": 80, "value": 900.0},  # after the horizon
        routed | won | {"value": None},
        routed,
        routed | {"label": "disqualified"},
        held | won | {"value": 50.0},
        held,
        held | {"created_at": 200},  # too young
        won | {"label": "SQL"},  # came before the experiment
    )
    found = read_effect(connection, SPAN, START + 220 * DAY, 30)
    told = [(one["arm"], one["leads"], one["won"]["share"]) for one in found["arms"]]
    assert told == [("agreement", 4, 0.5), ("holdout", 2, 0.5)]
    assert [one["value_per_lead"] for one in found["arms"]] == [25.0, 25.0]
    assert found["wins_per_lead"]["difference"] == 0.0
    variance = (75**2 + 3 * 25**2) / 3 / 4 + 2 * 25**2 / 1 / 2
    assert found["value_per_lead"]["high"] == pytest.approx(1.959964 * math.sqrt(variance))
    assert read_effect(connection, SPAN, START, 30)["wins_per_lead"] is None


def test_the_draw_is_the_same_for_a_lead_and_keeps_its_share() -> None:
    own = Settings(holdout_share=0.2, exploration_share=0.5)
    arms = [arm_of(own, f"L-{n}") for n in range(4000)]
    assert arms == [arm_of(own, f"L-{n}") for n in range(4000)]
    assert abs(arms.count("holdout") / 4000 - 0.2) < 0.03
    assert arm_of(Settings(), "L-1") is None
    likely = {arm: offered(own, {"label": "nurture", "lead_id": "L-1"}, arm)[1] for arm in arms}
    assert set(likely.values()) == {0.2 + 0.8 * 0.5}
    assert offered(own, {"label": "disqualified", "lead_id": "L-1"}, "holdout") == (None, None)
    assert offered(own, {"label": "SQL", "lead_id": "L-1"}, "agreement") == ("label", 1.0)


def test_a_lead_that_is_held_out_is_offered_by_arrival_and_not_handed_over(
    settings: Settings,
    url: str,  # noqa: F811
) -> None:
    holding = settings.model_copy(update={"holdout_share": 0.5})

    def sent(n: int, **more: Any) -> dict[str, Any]:
        created = f"2025-12-{31 - n % 20:02}T00:00:00Z"
        handed = {"previous_label": "SQL", "handed_over_at": "2025-12-31T00:00:00Z"}
        told = handed if n % 2 else {}
        return body(1, lead_id=f"L-{n}", created_at=created, activities=[], **told, **more)

    with serving(settings, url) as before:
        before.post("/score", json=sent(99))
    with serving(holding, url) as client:
        answers = [client.post("/score", json=sent(n)).json() for n in range(24)]
        assert client.post("/score", json=sent(99)).json()["arm"] is None
        held = [one for one in answers if one["offered"] == "holdout"]
        assert {one["arm"] for one in held} == {"holdout"}
        assert 5 < len(held) < 20
        assert {one["label"] for one in held} == {"SQL", "nurture"}
        page = client.get("/worklist", params={"label": "SQL"}).json()["items"]
        shown = [one for one in page if one["offered"] == "holdout"]
        assert {one["lead_id"] for one in shown} == {one["lead_id"] for one in held}
        assert {(one["label"], one["score"], len(one["reasons"])) for one in shown} == {
            (None, None, 0)
        }
        arrival = {f"L-{n}": sent(n)["created_at"] for n in range(24)}
        moments = [arrival[one["lead_id"]] for one in shown]
        assert moments == sorted(moments)
        client.post("/feedback", json={"lead_id": shown[0]["lead_id"], "accepted": True})
        again = client.get("/worklist").json()["items"]
        assert shown[0]["lead_id"] not in {one["lead_id"] for one in again}
        found = client.get("/statistics/effect").json()
        assert [one["leads"] for one in found["arms"]] == [0, 0]  # none is a horizon old
    kept = rows(url, "SELECT arm, handed_over_at, mql_at FROM leads WHERE offered = 'holdout'")
    assert {tuple(row) for row in kept} == {("holdout", None, None)}
    ended = settings.model_copy(update={"holdout_share": 0.0})
    with serving(ended, url) as client:
        assert client.post("/score", json=sent(1)).json()["offered"] == "label"
