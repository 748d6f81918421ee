"""GET /monitoring judges what is stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from features.moment import DAY, MINUTE, to_moment
from models.agreement.agreement import ServiceLevel
from models.monitor.promises import Kept
from service.api.monitoring import looked
from service.app import create_app
from service.monitored.promised import read_kept
from service.monitored.seen import read_observed
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.tables import LEADS
from tests.service.conftest import NOW
from tests.service.statistics.test_statistics import connection  # noqa: F401
from tests.service.store.conftest import postgres, url  # noqa: F401
from tests.service.store.test_decisions import body, serving

AT = to_moment(datetime(2026, 6, 1, tzinfo=UTC))


def monitored(settings: Settings, url: str, leads: int, **query: str) -> dict[str, Any]:  # noqa: F811
    with serving(settings, url) as client:
        for start in range(0, leads, 250):
            batch = [body(seed) for seed in range(start, min(start + 250, leads))]
            assert client.post("/score/batch", json={"leads": batch}).status_code == 200
    with serving(settings, url) as client:
        answer = client.get("/monitoring", params=query)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_an_empty_store_is_no_reason_to_act(settings: Settings, url: str) -> None:  # noqa: F811
    found = monitored(settings, url, 0)
    assert (found["verdict"], found["leads"]) == ("fine", 0)


def test_leads_are_judged_in_the_language_asked_for(settings: Settings, url: str) -> None:  # noqa: F811
    found = monitored(settings, url, 20, lang="zh")
    assert found["leads"] == 20
    assert found["model_version"] == "1"
    assert "请等待" in {one["check"]: one["says"] for one in found["checks"]}["inputs"]


def test_a_lead_counts_as_it_was_first_decided(settings: Settings, url: str) -> None:  # noqa: F811
    first = body(1)
    with serving(settings, url) as client:
        answer = client.post("/score", json=first).json()
    later = first | {"as_of": "2026-01-01T12:00:00Z", "attributes": {"a0_number": 5}}
    with serving(settings, url) as client:
        assert client.post("/score", json=later).status_code == 200
    engine = open_engine(read_url(url))
    with engine.begin() as opened:
        found = read_observed(opened, ["a0_number", "a6_category"], "1", to_moment(NOW), 90)
        other = read_observed(opened, [], "2", to_moment(NOW), 90)
    engine.dispose()
    assert found.n_leads == 1
    assert found.probability[0] == answer["probability"]
    assert found.fields["a0_number"].rows() == [first["attributes"]["a0_number"]]
    assert found.fields["channel"].rows() != [None]
    assert np.isnan(other.probability[0])


def test_pages_share_what_was_found_until_the_route_is_asked_or_the_agreement_changes(
    settings: Settings,
    url: str,  # noqa: F811
) -> None:
    moment = NOW
    store = SqlStore(open_engine(read_url(url)))
    app = create_app(settings, store=store, clock=lambda: moment)

    def seen() -> int:
        return int(looked(app.state.parts, "en")["leads"])

    with TestClient(app) as client:
        assert seen() == 0
        with serving(settings, url) as other:
            other.post("/score", json=body(1))
        assert seen() == 0
        moment += timedelta(seconds=60)
        assert seen() == 1
        with serving(settings, url) as other:
            other.post("/score", json=body(2))
        assert seen() == 1
        assert client.get("/monitoring").json()["leads"] == 2
        assert seen() == 2
        with serving(settings, url) as other:
            other.post("/score", json=body(3))
        holder = app.state.parts.holder
        holder.swap(replace(holder.served))
        assert seen() == 3
    store.close()


def test_without_a_store_there_is_nothing_to_judge(client: Any) -> None:
    assert client.get("/monitoring").status_code == 404


def add(connection: Connection, **lead: Any) -> None:  # noqa: F811
    row = {"episode": 1, "attributes": "{}", "created_at": AT - 10 * DAY, **lead}
    connection.execute(insert(LEADS).values(**row))


@pytest.mark.parametrize(("minutes", "kept"), [(5, 1), (500, 2)])
def test_contacts_in_time_are_counted_as_kept(
    connection: Connection,  # noqa: F811
    minutes: int,
    kept: int,
) -> None:
    handed = {"mql_at": AT - 10 * DAY, "sql_at": AT - 10 * DAY}
    for number, after in enumerate((2, 60, 1000)):
        add(
            connection,
            lead_id=f"L-{number}",
            first_contact_at=AT - 10 * DAY + after * MINUTE,
            **handed,
        )
    add(connection, lead_id="L-9", created_at=AT - MINUTE, mql_at=AT, sql_at=AT)  # too new to judge
    found = read_kept(connection, AT, 90, {"SQL": ServiceLevel(minutes)}, None)
    assert [one for one in found if one.promise == "contact"] == [
        Kept("contact", "SQL", kept, 3, 0.9)
    ]


def test_the_agreement_says_for_how_many_leads_a_promise_is_kept(
    connection: Connection,  # noqa: F811
) -> None:
    add(connection, lead_id="L-1", mql_at=AT - 9 * DAY, sql_at=AT - 9 * DAY)
    found = read_kept(connection, AT, 90, {"SQL": ServiceLevel(5, kept_share=0.75)}, None)
    assert [one.least for one in found if one.promise == "contact"] == [0.75]


def test_who_was_given_up_too_soon_breaks_a_promise(connection: Connection) -> None:  # noqa: F811
    for number, attempts in enumerate((1, 1, 6)):
        add(
            connection,
            lead_id=f"L-{number}",
            mql_at=AT - 9 * DAY,
            attempts=attempts,
            outcome="lost",
            outcome_at=AT - 2 * DAY,
        )
    found = read_kept(connection, AT, 90, {"MQL": ServiceLevel(None, 6)}, None)
    assert [one for one in found if one.promise == "attempts"] == [
        Kept("attempts", "MQL", 1, 3, 0.9)
    ]


def test_acceptance_is_compared_with_that_before(connection: Connection) -> None:  # noqa: F811
    for number in range(60):
        at = AT - 60 * DAY
        add(
            connection,
            lead_id=f"O-{number}",
            created_at=at,
            mql_at=at,
            accepted_at=at if number < 45 else None,
            rejected_at=None if number < 45 else at,
        )
    for number in range(5):
        add(connection, lead_id=f"N-{number}", mql_at=AT - 9 * DAY, rejected_at=AT - 8 * DAY)
    found = read_kept(connection, AT, 90, {}, None)
    mql = next(one for one in found if (one.promise, one.label) == ("acceptance", "MQL"))
    assert (mql.kept, mql.of) == (0, 5)
    assert mql.least == pytest.approx(0.628, abs=0.001)
