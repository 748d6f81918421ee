"""What leads and wins cost equals what is calculated by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from features.moment import DAY, to_moment
from service.settings import Settings
from service.statistics.costs import cost_per_won, read_cost
from service.statistics.span import Span
from service.store.costs import Cost, put_costs
from service.store.erasure import erase_lead
from service.store.tables import LEADS
from tests.service.statistics.test_statistics import connection  # noqa: F401
from tests.service.store.conftest import postgres, url  # noqa: F401
from tests.service.store.test_decisions import body, serving

START = datetime(2026, 1, 1, tzinfo=UTC)
MIDDLE = Span(to_moment(START) + 14 * DAY, to_moment(START) + 45 * DAY)
"""From the middle of January to the middle of February."""


def leads(connection: Connection, channel: str, day: float, won: list[bool]) -> None:  # noqa: F811
    """Store leads that came in so many days after the start."""
    for number, is_won in enumerate(won):
        row = {"lead_id": f"{channel}-{day}-{number}", "episode": 1, "attributes": "{}"}
        at = to_moment(START) + round(day * DAY)
        outcome = {"outcome": "won", "outcome_at": at + DAY} if is_won else {}
        connection.execute(insert(LEADS).values(**row, created_at=at, channel=channel, **outcome))


def costs(connection: Connection, now_day: int, horizon: int = 30) -> dict[str, Any]:  # noqa: F811
    now = to_moment(START) + now_day * DAY
    return read_cost(connection, MIDDLE, now, horizon, lambda name: name.replace("-", ""))


def test_cost_per_win_has_the_bounds_of_the_share_won() -> None:
    # Wilson for 2 of 10, z = 1.959964: middle 0.283260, half 0.226578
    told = cost_per_won(1000.0, 2, 10)
    assert told["cost"] == 500.0
    assert told["low"] == pytest.approx(1000 / (10 * 0.509838), rel=1e-5)
    assert told["high"] == pytest.approx(1000 / (10 * 0.056682), rel=1e-4)


def test_without_a_win_there_is_no_upper_bound_and_without_leads_nothing() -> None:
    # of 10 leads none was won: at most 0.277533 are
    told = cost_per_won(1000.0, 0, 10)
    assert (told["cost"], told["high"]) == (None, None)
    assert told["low"] == pytest.approx(1000 / (10 * 0.277533), rel=1e-5)
    assert cost_per_won(1000.0, 0, 0) == {"cost": None, "low": None, "high": None}
    assert cost_per_won(0.0, 1, 4)["high"] == 0.0


def test_whole_months_with_costs_are_counted_by_channel(connection: Connection) -> None:  # noqa: F811
    leads(connection, "LinkedIn", 0, [True, False, False, False])  # first moment of January
    leads(connection, "LinkedIn", 58.9, [True])  # last day of February
    leads(connection, "LinkedIn", 59, [True])  # March
    leads(connection, "LinkedIn", -0.1, [True])  # December
    leads(connection, "Referral", 5, [True, True])
    leads(connection, "Referral", 40, [True])  # its February has no cost
    leads(connection, "Direct", 5, [True])  # no cost at all
    given = [
        Cost("2026-01", "LinkedIn", 300.0),
        Cost("2026-02", "LinkedIn", 60.0),
        Cost("2026-02", "Linked-In", 40.0),  # the same channel, written otherwise
        Cost("2026-01", "Referral", 50.0),
        Cost("2026-01", "LinkdIn", 70.0),  # no lead is called so
        Cost("2026-03", "Referral", 999.0),
    ]
    put_costs(connection, given, 0, None)
    found = costs(connection, now_day=365)
    assert [(one["channel"], one["months"]) for one in found["channels"]] == [
        *(("LinkedIn", 2), ("LinkdIn", 1), ("Referral", 1))
    ]
    linkedin, misspelt, referral = found["channels"]
    assert [linkedin[name] for name in ("cost", "leads", "won")] == [400.0, 5, 2]
    assert (linkedin["cost_per_lead"], linkedin["cost_per_won"]["cost"]) == (80.0, 200.0)
    assert (misspelt["leads"], misspelt["cost_per_lead"]) == (0, None)
    assert (referral["leads"], referral["won"], referral["cost_per_won"]["cost"]) == (2, 2, 25.0)
    assert [found["all"][name] for name in ("cost", "leads", "won")] == [520.0, 7, 4]
    assert found["all"]["cost_per_won"]["cost"] == 130.0
    assert found["since"] == START
    assert found["until"] == datetime(2026, 3, 1, tzinfo=UTC)


def test_months_that_are_not_over_for_a_horizon_are_immature(connection: Connection) -> None:  # noqa: F811
    leads(connection, "LinkedIn", 5, [False] * 3)
    leads(connection, "LinkedIn", 40, [False] * 2)
    given = [Cost(month, "LinkedIn", 10.0) for month in ("2026-01", "2026-02")]
    put_costs(connection, given, 0, None)
    # January is over on day 31, February on day 59
    for now_day, immature in ((60, 5), (61, 2), (88, 2), (89, 0)):
        assert costs(connection, now_day)["all"]["immature_leads"] == immature, now_day


def test_erased_leads_stay_counted(connection: Connection) -> None:  # noqa: F811
    leads(connection, "LinkedIn", 5, [True, False])
    put_costs(connection, [Cost("2026-01", "LinkedIn", 10.0)], 0, None)
    before = costs(connection, 365)
    erase_lead(connection, "LinkedIn-5-0", 1, None)
    assert costs(connection, 365) == before


def test_the_route_answers_with_and_without_costs(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, f"sqlite:///{tmp_path / 'store.db'}") as client:
        client.post("/score", json=body(1, channel="Web", created_at="2026-01-01T00:00:00Z"))
        empty = client.get("/statistics/costs").json()
        assert (empty["all"], empty["channels"], empty["horizon_days"]) == (None, [], 90)
        text, kind = "channel,month,amount\nWeb,2026-01,40\n", {"Content-Type": "text/csv"}
        assert client.put("/costs", content=text, headers=kind).status_code == 200
        [web] = client.get("/statistics/costs").json()["channels"]
        assert (web["cost_per_lead"], web["immature_leads"]) == (40.0, 1)
        for since, until in (("2026-03-01", "2026-01-01"), ("0001-01-01", "9999-12-31")):
            moments = {"since": f"{since}T00:00:00Z", "until": f"{until}T00:00:00Z"}
            answer = client.get("/statistics/costs", params=moments)
            assert answer.status_code == 200, answer.text
