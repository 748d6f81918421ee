"""The sample comes into an empty store, as if it had been lived through, and leaves whole."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from features.moment import DAY, to_moment
from service.crm.field_map import read_fields
from service.crm.outbox import fill as fill_outbox
from service.sample.__main__ import main
from service.sample.course import PREFIX, read_courses
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sample import part_of_sample
from service.store.sql import SqlStore
from service.store.worklist import WorklistQuery, read_worklist
from tests.factories import make_request
from tests.service.conftest import NOW
from tests.service.store.conftest import postgres, url
from tests.service.store.test_decisions import body, rows, serving

__all__ = ["postgres", "url"]
LEADS = 40
END = datetime(2025, 7, 1, 18, tzinfo=UTC)
"""Half a year before the moment that it is moved to."""
OF_LEADS = ("leads", "decisions", "feedback", "contacts", "outcomes", "activities", "costs")


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return a folder with leads that were called once or twice, and some of which came out."""
    leads, deeds, changes = [], [], []
    for seed in range(LEADS):
        lead = make_request(seed)
        created = END - timedelta(days=2 * seed, hours=5)
        attributes = {name: str(value) for name, value in lead["attributes"].items()}
        row = {"lead_id": f"L-{seed}", "created_at": created, "channel": lead["channel"]}
        row |= {"outcome": "open", "sales_stage_note": ("", "no budget")[seed % 2]}
        if 0 < seed < LEADS // 2:
            row |= {"outcome": ("won", "lost")[seed % 2], "outcome_at": created + timedelta(days=2)}
            row |= {"value": 1000 if seed % 2 == 0 else ""}
        leads.append(row | attributes)
        named = {"lead_id": f"L-{seed}", "actor": "lead"}
        for kind, hours in (("demo_request", 0), ("pricing_page", 3), ("call_logged", 4)):
            at = created + timedelta(hours=hours)
            deeds.append(named | {"kind": kind, "occurred_at": at, "recorded_at": at})
        before = {"occurred_at": created - timedelta(days=3), "recorded_at": created}
        deeds.append({**named, "kind": "page_view", **before})
        told = {"lead_id": f"L-{seed}", "attribute": next(iter(attributes))}
        changes.append(told | {"value": seed, "changed_at": created + timedelta(hours=1)})
    written(tmp_path, "leads.csv", leads)
    written(tmp_path, "activities.csv", deeds)
    written(tmp_path, "history.csv", changes)
    return tmp_path


@pytest.fixture
def filled(
    export: Path, settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqlStore]:
    """Return a store that the sample came into."""
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    monkeypatch.setenv("LEAD_SCORING_DATASET", "factory")
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    assert main(["fill", "--from", str(export)], lambda: NOW) == 0
    store = SqlStore(open_engine(read_url(url)))
    yield store
    store.close()


def count(url: str, table: str) -> int:
    found: int = rows(url, f"SELECT count(*) FROM {table}")[0][0]
    return found


def test_the_sample_ends_now(export: Path) -> None:
    now = to_moment(NOW)
    courses = read_courses(export, ["a0_number"], now)
    moments = [one.created_at for one in courses]
    assert min(now - at for at in moments) < 7 * 24 * 3600 * 10**6
    assert all(deed.recorded_at <= now for one in courses for deed in one.deeds)
    open_still = {one.lead_id: one.came_out for one in courses}
    assert (open_still[f"{PREFIX}L-3"], open_still[f"{PREFIX}L-5"]) == (None, "lost")
    moved = {(NOW - datetime.fromtimestamp(at / 1e6, UTC)).seconds for at in moments}
    assert len(moved) == 1  # whole days apart, as in the export


def test_each_page_has_something_true_to_show(filled: SqlStore, url: str) -> None:
    assert {name: count(url, name) for name in OF_LEADS if count(url, name) == 0} == {}
    assert count(url, "sample_leads") == count(url, "leads")
    early = "SELECT count(*) FROM decisions WHERE as_of <> decided_at OR as_of > {}"
    assert rows(url, early.format(to_moment(NOW)))[0][0] == 0
    assert {row[0] for row in rows(url, "SELECT code FROM feedback WHERE NOT accepted")} == {
        "no_budget"
    }
    waiting = filled.reading(
        lambda c: read_worklist(c, WorklistQuery(None, None, 50, 0, to_moment(NOW)))
    )
    assert all(item["lead_id"].startswith(PREFIX) for item in waiting["items"])


def test_decisions_see_only_what_was_known_then(filled: SqlStore) -> None:
    found = filled.decisions_of(f"{PREFIX}L-5", 1, 100)
    assert len(found) > 1
    known = [len(one["content"]["lead"]["activities"]) for one in found]
    values = [one["content"]["lead"]["attributes"]["a0_number"] for one in found]
    assert known == sorted(known)
    assert known[0] < known[-1]
    assert values[0] != values[-1]


def test_what_a_lead_did_before_it_came_in_is_known_when_it_comes(filled: SqlStore) -> None:
    found = filled.decisions_of(f"{PREFIX}L-5", 1, 100)
    lead = min((one["content"]["lead"] for one in found), key=itemgetter("as_of"))
    assert lead["as_of"] == lead["created_at"]
    occurred = {kind: at for kind, at, *_ in lead["activities"]}
    assert occurred["page_view"] == lead["created_at"] - 3 * DAY


def test_a_second_time_nothing_comes(filled: SqlStore, url: str, export: Path) -> None:
    before = count(url, "decisions")
    assert main(["fill", "--from", str(export)], lambda: NOW) == 0
    assert count(url, "decisions") == before
    assert main(["remove"], lambda: NOW) == 0
    assert main(["fill", "--from", str(export)], lambda: NOW) == 0
    assert count(url, "leads") == 0


def test_it_leaves_whole_and_takes_nothing_else_along(
    filled: SqlStore, url: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(settings, url) as client:
        assert client.post("/score", json=body(1, lead_id="L-1")).status_code == 200
        told = {"lead_id": f"{PREFIX}L-3", "accepted": True}
        headers = {"Idempotency-Key": "once"}
        assert client.post("/feedback", json=told, headers=headers).status_code == 200
        own, kind = "channel,month,amount\nOwn,2024-01,5\n", {"Content-Type": "text/csv"}
        assert client.put("/costs", content=own, headers=kind).status_code == 200
    leads = count(url, "leads") - 1
    capsys.readouterr()
    assert main(["remove"], lambda: NOW) == 0
    assert f"{leads} leads" in capsys.readouterr().out
    assert rows(url, "SELECT lead_id FROM leads") == [("L-1",)]
    assert {name: count(url, name) for name in ("decisions", "requests", "sample_leads")} == {
        "decisions": 1,
        "requests": 0,
        "sample_leads": 0,
    }
    assert rows(url, "SELECT channel FROM costs") == [("Own",)]
    assert count(url, "erased") == 0


def test_real_leads_beside_it_are_seen(filled: SqlStore, url: str, settings: Settings) -> None:
    assert filled.reading(part_of_sample) == "all"
    with serving(settings, url) as client:
        assert client.post("/score", json=body(1, lead_id="L-1")).status_code == 200
    assert filled.reading(part_of_sample) == "some"
    assert main(["remove"], lambda: NOW) == 0
    assert filled.reading(part_of_sample) == "none"


def test_one_that_was_broken_off_comes_anew(filled: SqlStore, url: str, export: Path) -> None:
    before = count(url, "decisions")

    def break_off(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM audit")
        connection.exec_driver_sql(f"DELETE FROM decisions WHERE lead_id <> '{PREFIX}L-5'")

    filled.changing(break_off)
    assert main(["fill", "--from", str(export)], lambda: NOW) == 0
    assert count(url, "decisions") == before


def test_no_crm_is_told_of_it(filled: SqlStore, url: str) -> None:
    fields = read_fields("webhook")
    now = to_moment(NOW)
    filled.changing(lambda c: fill_outbox(c, "webhook", fields, now, whole=True))
    assert count(url, "crm_outbox") == 0
