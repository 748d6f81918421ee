"""All that is kept of a person is handed out, and erased, by lead id."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from starlette.testclient import TestClient

from features.moment import DAY, to_moment
from service.holder import ModelHolder, load_served
from service.parts import Parts
from service.retention import forget
from service.settings import Settings
from service.sink import NullSink
from service.store.database import open_engine, read_url
from service.store.erasure import expired_leads
from service.store.sql import SqlStore
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving

NAME = "Z9-very-own-id"
AT = "2026-01-01T12:00:00Z"


def lived(client: TestClient, name: str = NAME) -> None:
    """Let a lead go through everything."""
    handed = {"previous_label": "SQL", "handed_over_at": "2025-12-31T00:00:00Z"}
    client.post("/score", json=body(1, lead_id=name, channel="Referral", **handed))
    activity = {"lead_id": name, "kind": "demo_request", "occurred_at": AT, "id": "visit-1"}
    client.post("/activities", json=activity)
    key = {"Idempotency-Key": f"key-of-{name}"}
    said: dict[str, Any] = {"lead_id": name, "at": AT}
    client.post("/feedback", json=said | {"accepted": True}, headers=key)
    client.post("/contacts", json=said | {"means": "phone", "reached": True})
    client.post("/outcomes", json=said | {"outcome": "lost"})
    client.post("/outcomes", json=said | {"outcome": "won", "corrects": True})


def everywhere(url: str, text: str) -> list[str]:
    """Return the tables that hold a text."""
    engine = open_engine(read_url(url))
    with engine.begin() as connection:
        tables = inspect(connection).get_table_names()
        found = [
            table
            for table in tables
            if any(text in str(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    return found


def test_everything_is_handed_out(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        lived(client)
        found = client.get(f"/leads/{NAME}/export").json()
        assert client.get("/leads/nobody/export").status_code == 404
    held = {name: len(found_rows) for name, found_rows in found.items()}
    assert held["decisions"] == 2
    assert held["attribute_values"] == 20
    for name in ("leads", "feedback", "outcomes", "contacts", "audit"):
        assert held[name] == 1, name
    assert found["decisions"][0]["content"]["answer"]["lead_id"] == NAME
    assert set(everywhere(url, NAME)) <= {*held, "requests"}


def test_nothing_of_an_erased_lead_is_left_but_counts(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        lived(client)
        lived(client, "L-stays")
        before = client.get("/statistics/funnel?since=2020-01-01").json()["all"]
        assert client.delete(f"/leads/{NAME}").status_code == 204
        assert client.get(f"/leads/{NAME}").status_code == 404
        assert client.delete(f"/leads/{NAME}").status_code == 404
        assert client.get("/leads/L-stays").status_code == 200
        assert client.get("/statistics/funnel?since=2020-01-01").json()["all"] == before
    assert everywhere(url, NAME) == []
    log = [tuple(row) for row in rows(url, "SELECT what, subject, content FROM audit")]
    assert ("lead erased", None, "{}") in log
    assert ("outcome corrected", None, "{}") in log


def test_no_rest_stands_in_the_file(settings: Settings, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with serving(settings, url) as client:
        lived(client)
        lived(client, "L-stays")
        client.delete(f"/leads/{NAME}")
    held = b"".join(path.read_bytes() for path in tmp_path.glob("store.db"))
    assert b"L-stays" in held
    assert NAME.encode() not in held


def test_to_be_scored_again_is_not_to_be_heard_of(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        client.post("/score", json=body(1))
    engine = open_engine(read_url(url))
    with engine.begin() as connection:  # as the daily work leaves it
        connection.exec_driver_sql(f"UPDATE leads SET decided_as_of = {to_moment(NOW) + 90 * DAY}")
        assert expired_leads(connection, to_moment(NOW) + DAY, 10) == ["L-1"]
        assert expired_leads(connection, to_moment(NOW) - 90 * DAY, 10) == []
    engine.dispose()


def test_leads_of_one_month_that_are_erased_at_once_are_all_counted(
    settings: Settings, url: str
) -> None:
    names = [f"L-{number}" for number in range(8)]
    with serving(settings, url) as one, serving(settings, url) as other:
        for name in names:
            one.post("/score", json=body(1, lead_id=name, channel="Referral"))

        def erase(name: str) -> int:
            return (one, other)[int(name[2:]) % 2].delete(f"/leads/{name}").status_code

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(erase, names)) == {204}
    assert [row[0] for row in rows(url, "SELECT leads FROM erased")] == [8]


@pytest.mark.parametrize(("days", "left"), [(10.0, 1), (1000.0, 2)])
def test_leads_are_kept_as_long_as_the_settings_say(
    settings: Settings, url: str, days: float, left: int
) -> None:
    with serving(settings, url) as client:
        old = {"as_of": "2025-12-01T00:00:00Z", "created_at": "2025-11-30T00:00:00Z"}
        client.post("/score", json=body(1, lead_id="L-old", activities=[], **old))
        client.post("/score", json=body(1, lead_id="L-new"))
        said = {"lead_id": "L-new", "means": "phone", "reached": True}
        client.post("/contacts", json=said, headers={"Idempotency-Key": "one"})
    own = settings.model_copy(update={"retention_days": days})
    holder = ModelHolder()
    holder.swap(load_served(settings, NOW.date()))
    store = SqlStore(open_engine(read_url(url)))
    parts = Parts(own, holder, NullSink(), lambda: NOW + timedelta(days=1), store)
    assert forget(parts) == 2 - left
    assert rows(url, "SELECT count(*) FROM leads")[0][0] == left
    assert rows(url, "SELECT count(*) FROM requests")[0][0] == 1
    later = Parts(settings, holder, NullSink(), lambda: NOW + timedelta(days=8), store)
    assert forget(later) == 0
    assert rows(url, "SELECT count(*) FROM requests")[0][0] == 0
    store.close()
