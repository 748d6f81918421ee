"""Champion and challenger are judged on the same leads."""

from typing import Any

import pytest
from sqlalchemy import Connection

from features.moment import DAY, HOUR, to_moment
from service.statistics.shadow import read_shadow
from service.statistics.span import Span
from service.store.database import open_engine, read_url
from service.store.shadows import Shadowed, add_shadows
from service.store.sql import SqlStore
from tests.service.conftest import NOW
from tests.service.store.conftest import postgres, url  # noqa: F401

AT = to_moment(NOW)
PLACES = ("p5", "p25", "median", "p75", "p95")


def shadowed(number: int, lead_id: str = "L-1", **more: Any) -> Shadowed:
    plain = Shadowed(f"d{number}", lead_id, 1, AT, AT, "1", "2", 0.2, 40, "nurture", 0.4, 50, "MQL")
    return plain._replace(**more)


def filled(address: str, leads: list[tuple[str, str | None, int | None, Shadowed]]) -> SqlStore:
    """Store leads that have come to something, with what both models said of them."""
    store = SqlStore(open_engine(read_url(address)))

    def change(connection: Connection) -> None:
        for lead_id, outcome, outcome_at, row in leads:
            known = "NULL" if outcome is None else f"'{outcome}'"
            at = "NULL" if outcome_at is None else str(outcome_at)
            connection.exec_driver_sql(
                "INSERT INTO leads (lead_id, episode, created_at, attributes, outcome, outcome_at)"
                f" VALUES ('{lead_id}', 1, {row.as_of}, '{{}}', {known}, {at})"
            )
        add_shadows(connection, [row for *_, row in leads], {("2", AT // HOUR * HOUR): 5})

    store.changing(change)
    return store


def test_both_are_judged_on_the_same_leads_as_outcomes_come(
    url: str,  # noqa: F811
) -> None:
    old, horizon = AT - 40 * DAY, 30
    late = old + 35 * DAY  # won, but after the horizon
    said = [
        ("won", "won", old + DAY, old, 0.5, 0.8),
        ("late", "won", late, old, 0.5, 0.1),
        ("lost", "lost", old + DAY, old, 0.5, 0.2),
        ("open", None, None, old, 0.25, 0.25),
        ("young-won", "won", AT - DAY, AT - 2 * DAY, 0.5, 0.8),
        ("young-open", None, None, AT - 2 * DAY, 0.9, 0.9),
    ]
    leads = [
        (
            name,
            outcome,
            at,
            shadowed(n, name, as_of=as_of, champion_probability=p, challenger_probability=q),
        )
        for n, (name, outcome, at, as_of, p, q) in enumerate(said)
    ]
    store = filled(url, leads)
    again = shadowed(99, "won", decided_at=AT + 1, champion_probability=0.01)
    store.changing(lambda c: add_shadows(c, [again], {}))
    span = Span(AT - DAY, AT + DAY)
    found = store.reading(lambda c: read_shadow(c, "2", span, AT, horizon))
    none = store.reading(lambda c: read_shadow(c, "7", span, AT, horizon))
    store.close()
    over = found["outcomes"]["over"]
    assert (over["leads"], over["won"]) == (4, 1)
    assert over["champion"]["expected"] == pytest.approx(1.75)
    assert over["champion"]["brier"] == pytest.approx((3 * 0.25 + 0.0625) / 4)
    assert over["challenger"]["brier"] == pytest.approx((0.04 + 0.01 + 0.04 + 0.0625) / 4)
    assert over["challenger"]["log_loss"] < over["champion"]["log_loss"]
    gain = over["challenger"]["log_loss"] - over["champion"]["log_loss"]
    assert over["log_loss_difference"] == pytest.approx(gain)
    assert over["log_loss_low"] < gain < over["log_loss_high"]
    early = found["outcomes"]["closed_before"]
    assert (early["leads"], early["won"]) == (1, 1)
    assert early["champion"]["observed_expected"] == pytest.approx(2.0)
    assert early["log_loss_low"] is None
    assert (found["compared"], found["leads"], found["dropped"]) == (7, 6, 5)
    assert found["flips"]["pairs"] == [{"champion": "nurture", "challenger": "MQL", "decisions": 7}]
    assert found["shift"] == dict.fromkeys(("mean", "mean_absolute", *PLACES), 10.0)
    assert (none["compared"], none["shift"]["mean"], none["outcomes"]["over"]["leads"]) == (
        0,
        None,
        0,
    )
