"""Odoo hears every newest score once, and tells of all its leads."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from features.errors import ConfigError, SchemaError
from features.moment import to_moment
from service.access.webhook_signature import Webhook
from service.crm.drain import Drain, drained
from service.crm.field_map import read_fields
from service.crm.odoo_api import OdooApi, odoo_api
from service.crm.odoo_in import OdooIn, odoo_in
from service.crm.odoo_out import OdooOut
from service.crm.odoo_pull import ROWS, OdooPull
from service.crm.outbox import parked
from service.crm.reader import PulledActivity, PulledLead
from service.crm.settings import CrmSettings
from service.errors import CrmAwayError, UnauthorizedError
from service.store.sql import SqlStore
from tests.service.crm.conftest import Time, decision, run_until_done
from tests.service.crm.fake_hubspot import answering
from tests.service.crm.fake_odoo import FakeOdoo

FIELDS = read_fields("odoo")
OWN = dict.fromkeys(FIELDS.outgoing.values(), "char") | {
    FIELDS.outgoing["score"]: "integer",
    FIELDS.outgoing["reasons"]: "text",
}
SCORE = FIELDS.outgoing["score"]
SECRET = "a-secret-of-32-characters-at-all"
CREATED = "2026-01-02 03:04:05"


@pytest.fixture
def odoo() -> Iterator[FakeOdoo]:
    """Return an Odoo with leads 1 to 120."""
    with answering(FakeOdoo(120, OWN)) as fake:
        yield fake


def drain_of(store: SqlStore, odoo: FakeOdoo, time: Time, key: str = "key-1") -> Drain:
    return Drain(store, OdooOut(OdooApi(odoo.url, key), FIELDS), time, Random(1))


def score_all(store: SqlStore, time: Time, count: int = 120, score: int = 40) -> None:
    store.write([decision(f"odoo-{n}", time(), score) for n in range(1, count + 1)])


def scores(odoo: FakeOdoo) -> list[int | None]:
    return [lead.get(SCORE) for lead in odoo.leads.values()]


def test_each_lead_is_told_once_and_only_its_newest_score(
    store: SqlStore, odoo: FakeOdoo, time: Time
) -> None:
    score_all(store, time)
    time.pass_by(1)
    score_all(store, time, 10, 55)
    store.write([decision("odoo-1", time() - timedelta(days=3), 5)])
    run_until_done(drain_of(store, odoo, time), time)
    assert scores(odoo) == [55] * 10 + [40] * 110
    assert set(odoo.times.values()) == {1}
    assert odoo.leads[7][FIELDS.outgoing["reasons"]] == "Demo requested: +55"


def test_an_hour_away_a_storm_of_429_and_an_expired_key_lose_nothing(
    store: SqlStore, odoo: FakeOdoo, time: Time
) -> None:
    score_all(store, time, 60)
    drain, end = drain_of(store, odoo, time), time() + timedelta(hours=1)
    odoo.down = True
    while time() < end:
        time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert odoo.requests < 40
    odoo.down, odoo.troubles = False, [(429, {"Retry-After": "20"}, {})] * 20
    run_until_done(drain, time)
    assert time() >= end + timedelta(seconds=400)
    odoo.key = "key-2"
    score_all(store, time, 60, 70)
    drained(drain, time.pass_by)
    assert "LEAD_SCORING_ODOO_KEY" in (drain.problem or "")
    run_until_done(drain_of(store, odoo, time, "key-2"), time)
    assert scores(odoo)[:60] == [70] * 60
    assert set(odoo.times.values()) == {2}
    assert store.reading(lambda c: parked(c, "odoo")) == []


def test_what_fails_in_the_middle_is_repeated_from_there(
    store: SqlStore, odoo: FakeOdoo, time: Time
) -> None:
    score_all(store, time, 30)
    store.write([decision(name, time(), 9) for name in ("odoo-999", "odoo-x", "hubspot-1")])
    drain = drain_of(store, odoo, time)
    write = odoo.of_lead

    def failing(name, given):  # type: ignore[no-untyped-def]
        if len(odoo.taken) == 12 and not odoo.troubles:
            odoo.troubles = [(503, {}, {})]
        return write(name, given)

    odoo.of_lead = failing  # type: ignore[method-assign]
    run_until_done(drain, time)
    assert scores(odoo)[:30] == [40] * 30
    assert set(odoo.times.values()) == {1}
    left = store.reading(lambda c: parked(c, "odoo"))
    assert [one.lead_id for one in left] == ["odoo-999", "odoo-x"]
    assert left[0].reason == "Odoo answers 404 MissingError"


def test_missing_fields_and_rights_are_named(store: SqlStore, odoo: FakeOdoo, time: Time) -> None:
    score_all(store, time, 5)
    odoo.types = {name: kind for name, kind in odoo.types.items() if name != SCORE}
    drain = drain_of(store, odoo, time)
    time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert drain.problem == f"Odoo has no field {SCORE}; create it"
    odoo.may_write = False
    assert drain.connector.check() == [
        "let the key's user write crm.lead",
        f"create the field {SCORE} (type integer) of crm.lead",
    ]
    odoo.types[SCORE], odoo.may_write = "char", True
    assert drain.connector.check() == [f"field {SCORE}: is a char, not integer"]
    odoo.types[SCORE] = "integer"
    assert drain.connector.check() == []
    run_until_done(drain, time)
    assert odoo.times.total() == 5


def test_a_database_is_named_and_a_setting_that_is_missing_too(odoo: FakeOdoo) -> None:
    odoo.database = "mine"
    settings = CrmSettings(odoo_url=odoo.url, odoo_key="key-1", odoo_database="mine")
    assert odoo_api(settings).call("crm.lead", "has_access", ids=[], operation="write") is True
    with pytest.raises(ConfigError, match="LEAD_SCORING_ODOO_URL: expected such as https"):
        odoo_api(CrmSettings())
    with pytest.raises(ConfigError, match="LEAD_SCORING_ODOO_KEY: is needed"):
        odoo_api(CrmSettings(odoo_url=odoo.url))


def test_a_backfill_reads_every_lead_e_mail_and_meeting_once() -> None:
    with answering(FakeOdoo(10_000, OWN)) as odoo:
        for n, lead in odoo.leads.items():
            closed = {"won_status": "won", "date_closed": "2026-02-01 00:00:00"}
            lead |= {"create_date": CREATED, "source_id": [3, "Fair"], "function": "CTO"}
            lead |= {"partner_id": [n, "Person or company"], "expected_revenue": 900.5}
            lead |= closed if n % 10 == 0 else {"won_status": "lost" if n % 2 else "pending"}
        odoo.rows["mail.message"] = [
            {"id": n, "res_id": n, "date": CREATED, "message_type": kind}
            for n, kind in ((1, "email"), (2, "comment"), (3, "email_outgoing"))
        ]
        odoo.rows["calendar.event"] = [{"id": 5, "opportunity_id": [7, "x"], "start": CREATED}]
        reader = OdooPull(OdooApi(odoo.url, "key-1"), FIELDS)
        leads: list[PulledLead] = []
        deeds: list[PulledActivity] = []
        after: str | None = None
        while True:
            page = reader.pull(after)
            leads += page.leads
            deeds += page.activities
            after = page.after
            if after is None:
                break
        assert odoo.requests == 10_000 // ROWS + 3
    assert [one.record_id for one in leads] == [str(n) for n in range(1, 10_001)]
    won = leads[9]
    assert (won.outcome, won.outcome_at, won.value) == ("won", "2026-02-01T00:00:00+00:00", 900.5)
    assert won.known == {
        "created_at": "2026-01-02T03:04:05+00:00",
        "source": "Fair",
        "account_id": "10",
    }
    assert won.attributes["job_title"] == "CTO"
    assert [leads[0].outcome, leads[1].outcome] == ["lost", None]
    assert [(one.kind, one.record_ids, one.actor) for one in deeds] == [
        ("email_received", ["1"], "lead"),
        ("email_sent", ["3"], "staff"),
        ("meeting", ["7"], "staff"),
    ]


def test_a_page_that_cannot_be_read_may_be_asked_for_again(odoo: FakeOdoo) -> None:
    reader = OdooPull(OdooApi(odoo.url, "key-1"), FIELDS)
    odoo.down = True
    with pytest.raises(CrmAwayError, match="502"):
        reader.pull(None)
    odoo.down = False
    assert len(reader.pull(None).leads) == 120


def hook(**record: object) -> bytes:
    told = {"_model": "crm.lead", "_id": 7, "_action": "Scores(#4)", "id": 7}
    return json.dumps(told | {"write_date": "2026-01-03 00:00:00"} | record).encode()


def test_a_webhook_tells_of_a_lead_as_of_its_change() -> None:
    [event] = OdooIn(SECRET, FIELDS).read(
        hook(create_date=CREATED, partner_id=12, source_id=3, function="CTO", phone=False)
    )
    assert event.record_id == "7"
    assert event.at == to_moment(datetime(2026, 1, 3, tzinfo=UTC))
    assert event.known == {"created_at": "2026-01-02T03:04:05+00:00", "account_id": "12"}
    assert event.attributes == {"job_title": "CTO", "phone": None}
    assert event.outcome is None


def test_a_webhook_tells_what_became_of_a_lead() -> None:
    receiver = OdooIn(SECRET, FIELDS)
    closed = "2026-02-01 00:00:00"
    [won] = receiver.read(hook(won_status="won", date_closed=closed, expected_revenue=10.0))
    moment = to_moment(datetime(2026, 2, 1, tzinfo=UTC))
    assert (won.outcome, won.outcome_at, won.value) == ("won", moment, 10.0)
    [opened] = receiver.read(hook(won_status="pending", date_conversion=closed))
    assert (opened.outcome, opened.outcome_at, opened.value) == ("opportunity", moment, None)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "expected an object whose _model is crm.lead"),
        (hook(_model="res.partner"), "expected an object whose _model is crm.lead"),
        (hook(_id="7; drop"), "_id: expected the id of a lead"),
        (hook(write_date=False), "write_date: is missing; add it to the fields"),
        (hook(create_date="soon"), "create_date: expected a moment such as"),
    ],
)
def test_a_webhook_that_is_another_one_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        OdooIn(SECRET, FIELDS).read(body)


def test_only_the_address_with_the_secret_is_believed() -> None:
    receiver = OdooIn(SECRET, FIELDS)
    receiver.verify(Webhook("POST", f"/crm/odoo?secret={SECRET}", {}, b""), 0)
    for path in ("/crm/odoo", "/crm/odoo?secret=", f"/crm/odoo?secret={SECRET}x"):
        with pytest.raises(UnauthorizedError, match="does not hold the secret"):
            receiver.verify(Webhook("POST", path, {}, b""), 0)
    with pytest.raises(UnauthorizedError, match="shorter than 16 bytes"):
        OdooIn("short", FIELDS).verify(Webhook("POST", "/?secret=short", {}, b""), 0)
    assert odoo_in(CrmSettings()) is None
