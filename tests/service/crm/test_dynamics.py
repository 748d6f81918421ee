"""Dynamics 365 hears every newest score once, and tells of all its leads."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from features.errors import ConfigError, SchemaError
from features.moment import to_moment
from service.access.webhook_signature import Webhook
from service.crm.drain import Drain, drained
from service.crm.dynamics_api import DynamicsApi, Tokens, dynamics_api
from service.crm.dynamics_in import DynamicsIn, dynamics_in
from service.crm.dynamics_out import DynamicsOut
from service.crm.dynamics_pull import NEXT, ROWS, DynamicsPull
from service.crm.field_map import read_fields
from service.crm.outbox import parked
from service.crm.reader import PulledActivity, PulledLead
from service.crm.settings import CrmSettings
from service.errors import CrmAwayError, UnauthorizedError
from service.store.sql import SqlStore
from tests.service.crm.conftest import Time, decision, run_until_done
from tests.service.crm.fake_dynamics import AUTHORITY, CLIENT, SECRET, FakeDynamics, lead_id
from tests.service.crm.fake_hubspot import answering

FIELDS = read_fields("dynamics")
OWN = dict.fromkeys(FIELDS.outgoing.values(), "String") | {FIELDS.outgoing["score"]: "Integer"}
SCORE = FIELDS.outgoing["score"]
HOOK_SECRET = "a-secret-of-32-characters-at-all"
CREATED, CLOSED = "2026-01-02T03:04:05Z", "2026-02-01T00:00:00Z"


@pytest.fixture
def dynamics() -> Iterator[FakeDynamics]:
    """Return a Dynamics with leads 1 to 250."""
    with answering(FakeDynamics(250, OWN)) as fake:
        yield fake


def api_of(fake: FakeDynamics, secret: str = SECRET) -> DynamicsApi:
    return DynamicsApi(fake.url, Tokens(AUTHORITY, CLIENT, secret, fake.directory))


def drain_of(store: SqlStore, fake: FakeDynamics, time: Time, secret: str = SECRET) -> Drain:
    return Drain(store, DynamicsOut(api_of(fake, secret), FIELDS), time, Random(1))


def score_all(store: SqlStore, time: Time, count: int = 250, score: int = 40) -> None:
    ids = [f"dynamics-{lead_id(n)}" for n in range(1, count + 1)]
    store.write([decision(one, time(), score) for one in ids])


def scores(fake: FakeDynamics) -> list[int | None]:
    return [lead.get(SCORE) for lead in fake.leads.values()]


def test_each_lead_is_told_once_and_only_its_newest_score(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time)
    time.pass_by(1)
    score_all(store, time, 10, 55)
    store.write([decision(f"dynamics-{lead_id(1)}", time() - timedelta(days=3), 5)])
    run_until_done(drain_of(store, dynamics, time), time)
    assert scores(dynamics) == [55] * 10 + [40] * 240
    assert set(dynamics.times.values()) == {1}
    assert dynamics.requests == 3
    assert dynamics.directory.asked == 1


def test_an_hour_away_and_a_storm_of_429_lose_nothing(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time)
    drain, end = drain_of(store, dynamics, time), time() + timedelta(hours=1)
    dynamics.down = True
    while time() < end:
        time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert dynamics.requests < 40
    dynamics.down, dynamics.troubles = False, [(429, {"Retry-After": "20"}, {})] * 20
    run_until_done(drain, time)
    assert time() >= end + timedelta(seconds=400)
    assert scores(dynamics) == [40] * 250
    assert set(dynamics.times.values()) == {1}
    assert store.reading(lambda c: parked(c, "dynamics")) == []


def test_a_token_that_has_expired_is_renewed_at_once(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    drain = drain_of(store, dynamics, time)
    score_all(store, time, 5)
    run_until_done(drain, time)
    dynamics.directory.token = "another"
    score_all(store, time, 5, 60)
    time.pass_by(1)
    score_all(store, time, 5, 60)
    run_until_done(drain, time)
    assert scores(dynamics)[:5] == [60] * 5
    assert drain.problem is None
    assert dynamics.directory.asked == 2


def test_a_secret_that_has_expired_holds_everything_until_there_is_a_new_one(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time, 10)
    dynamics.directory.secret = "new"
    drain = drain_of(store, dynamics, time)
    drained(drain, time.pass_by)
    assert drain.problem is not None
    assert "refuses the credentials (invalid_client)" in drain.problem
    assert "LEAD_SCORING_DYNAMICS_TENANT" in drain.problem
    run_until_done(drain_of(store, dynamics, time, "new"), time)
    assert set(dynamics.times.values()) == {1}


def test_a_batch_that_fails_in_part_is_repeated_in_part(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time, 50)
    names = (f"dynamics-{lead_id(999)}", "dynamics-x", "hubspot-1")
    store.write([decision(name, time(), 9) for name in names])
    dynamics.locked = {lead_id(3), lead_id(4)}
    drain = drain_of(store, dynamics, time)
    done = drained(drain, time.pass_by)
    assert (done.pushed, done.parked) == (48, 2)
    dynamics.locked = set()
    time.pass_by(60)
    assert drained(drain, time.pass_by).pushed == 2
    assert scores(dynamics)[:50] == [40] * 50
    assert set(dynamics.times.values()) == {1}
    left = store.reading(lambda c: parked(c, "dynamics"))
    assert sorted(one.reason for one in left) == [
        "Dynamics answers 404 0x80040217",
        "its id is none of Dynamics",
    ]


def test_a_batch_of_which_none_is_taken_waits_as_asked(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time, 3)
    dynamics.locked = {*dynamics.leads}
    drain = drain_of(store, dynamics, time)
    assert drained(drain, time.pass_by).wait_seconds >= 30
    assert drain.problem == "Dynamics answers 429 0x80072322"
    dynamics.locked = set()
    run_until_done(drain, time)
    assert dynamics.times.total() == 3


def test_missing_columns_and_rights_are_named(
    store: SqlStore, dynamics: FakeDynamics, time: Time
) -> None:
    score_all(store, time, 5)
    del dynamics.types[SCORE]
    drain = drain_of(store, dynamics, time)
    time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert drain.problem == f"Dynamics has no column {SCORE}; create it"
    dynamics.may_write = False
    assert drain.connector.check() == [
        "let the application's user write lead (prvWriteLead)",
        f"create the column {SCORE} (Whole number) of lead",
    ]
    dynamics.types[SCORE], dynamics.may_write = "String", True
    assert drain.connector.check() == [f"column {SCORE}: is String, expected Whole number"]
    dynamics.types[SCORE] = "Integer"
    assert drain.connector.check() == []
    run_until_done(drain, time)
    assert dynamics.times.total() == 5


def test_a_setting_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match="LEAD_SCORING_DYNAMICS_URL: expected such as https"):
        dynamics_api(CrmSettings())
    url = "https://mine.crm.example.com"
    with pytest.raises(ConfigError, match="LEAD_SCORING_DYNAMICS_TENANT: is needed"):
        dynamics_api(CrmSettings(dynamics_url=url))
    with pytest.raises(ConfigError, match="LEAD_SCORING_DYNAMICS_SECRET: is needed"):
        dynamics_api(CrmSettings(dynamics_url=url, dynamics_tenant="t", dynamics_client="c"))


def filled(fake: FakeDynamics) -> None:
    """Give every lead some columns, every tenth a won opportunity, and three their events."""
    for n, lead in enumerate(fake.leads.values(), 1):
        lead |= {"createdon": CREATED, "leadsourcecode": 8, "numberofemployees": 40}
        lead["leadsourcecode@OData.Community.Display.V1.FormattedValue"] = "Web"
        lead["numberofemployees@OData.Community.Display.V1.FormattedValue"] = "40"
        lead |= {"_ownerid_value": "owner-1", "modifiedon": CLOSED, "jobtitle": "CTO"}
        deal = {"statecode": 1, "actualclosedate": CLOSED, "actualvalue": 900.5}
        if n % 10 == 0:
            lead["qualifyingopportunityid"] = deal | {"createdon": CREATED}
        elif n % 2:
            lead["statecode"] = 2
    about = "_regardingobjectid_value"
    kind = f"{about}@Microsoft.Dynamics.CRM.lookuplogicalname"
    mail = {"actualend": CREATED, "createdon": CREATED, kind: "lead"}
    fake.rows["emails"] = [
        mail | {"activityid": "a-1", about: lead_id(1), "directioncode": False},
        mail | {"activityid": "a-2", about: lead_id(2), "directioncode": True},
        mail | {"activityid": "a-3", about: lead_id(2), "directioncode": True, kind: "account"},
    ]
    fake.rows["appointments"] = [
        {"activityid": "a-4", about: lead_id(7), "scheduledstart": CLOSED, "createdon": CREATED}
    ]


def test_a_backfill_reads_every_lead_and_activity_once() -> None:
    with answering(FakeDynamics(10_000, OWN)) as fake:
        filled(fake)
        reader = DynamicsPull(api_of(fake), FIELDS)
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
        assert fake.requests == 10_000 // ROWS + 3
    assert [one.record_id for one in leads] == [lead_id(n) for n in range(1, 10_001)]
    won = leads[9]
    assert (won.outcome, won.outcome_at, won.value) == ("won", CLOSED, 900.5)
    assert won.opportunity_at == CREATED
    assert won.known == {"created_at": CREATED, "channel": "Web", "owner": "owner-1"}
    assert won.attributes == {"job_title": "CTO", "employees": 40}
    assert [(one.outcome, one.outcome_at) for one in leads[:2]] == [("lost", CLOSED), (None, None)]
    assert [(one.kind, one.record_ids, one.actor) for one in deeds] == [
        ("email_received", [lead_id(1)], "lead"),
        ("email_sent", [lead_id(2)], "staff"),
        ("meeting", [lead_id(7)], "staff"),
    ]


def test_a_next_page_at_another_address_is_not_asked_for(dynamics: FakeDynamics) -> None:
    reader = DynamicsPull(api_of(dynamics), FIELDS)
    dynamics.troubles = [(200, {}, {"value": [], NEXT: "https://evil.example.com/leads"})]
    with pytest.raises(CrmAwayError, match="the next page is at another address"):
        reader.pull(None)


def hook(message: str = "Update", table: str = "lead", **columns: Any) -> bytes:
    attributes = [{"key": name, "value": value} for name, value in columns.items()]
    target = {
        "__type": "Entity:http://schemas.microsoft.com/xrm/2011/Contracts",
        "Attributes": attributes,
        "FormattedValues": [{"key": "leadsourcecode", "value": "Web"}],
    }
    told = {
        "PrimaryEntityName": table,
        "PrimaryEntityId": lead_id(10).upper(),
        "MessageName": message,
        "OperationCreatedOn": "/Date(1767398400000)/",
        "InputParameters": [{"key": "Target", "value": target}],
        "PostEntityImages": [],
    }
    return json.dumps(told).encode()


def test_a_webhook_tells_of_a_lead_as_of_its_change() -> None:
    [event] = DynamicsIn(HOOK_SECRET, FIELDS).read(
        hook(
            createdon="/Date(1767225600000)/",
            leadsourcecode={"__type": "OptionSetValue:...", "Value": 8},
            ownerid={"__type": "EntityReference:...", "Id": "owner-1", "Name": "A Person"},
            jobtitle="CTO",
            telephone1=None,
        )
    )
    assert event.record_id == lead_id(10)
    assert event.at == to_moment(datetime(2026, 1, 3, tzinfo=UTC))
    assert event.known == {
        "created_at": "2026-01-01T00:00:00+00:00",
        "channel": "Web",
        "owner": "owner-1",
    }
    assert event.attributes == {"job_title": "CTO", "phone": None}
    assert (event.outcome, event.gone) == (None, False)


def test_a_webhook_tells_what_became_of_a_lead() -> None:
    receiver = DynamicsIn(HOOK_SECRET, FIELDS)
    [lost] = receiver.read(hook(statecode={"Value": 2}))
    assert lost.outcome == "lost"
    [gone] = receiver.read(hook("Delete"))
    assert gone.gone
    closed = to_moment(datetime(2026, 2, 1, tzinfo=UTC))
    origin = {"Id": lead_id(7), "LogicalName": "lead"}
    [won] = receiver.read(
        hook(
            table="opportunity",
            originatingleadid=origin,
            statecode={"Value": 1},
            actualclosedate=CLOSED,
            actualvalue={"__type": "Money:...", "Value": 10.5},
        )
    )
    assert (won.record_id, won.outcome) == (lead_id(7), "won")
    assert (won.outcome_at, won.value) == (closed, 10.5)
    assert receiver.read(hook(table="opportunity", statecode={"Value": 1})) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "body: expected an object"),
        (hook(table="account"), "PrimaryEntityName: expected lead or opportunity"),
        (hook(createdon="soon/Date(1)/", jobtitle="x").replace(b"Operation", b"Other"), "Created"),
        (hook(createdon=5), "createdon: expected a moment such as"),
        (
            hook(table="opportunity", originatingleadid={"Id": lead_id(7)}),
            "statecode: is missing; add it to the image",
        ),
        (
            hook(table="opportunity", originatingleadid="x", statecode={"Value": 1}),
            "originatingleadid: expected the id of a record",
        ),
    ],
)
def test_a_webhook_that_is_another_one_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(SchemaError, match=says):
        DynamicsIn(HOOK_SECRET, FIELDS).read(body)


def test_only_who_shows_the_secret_is_believed() -> None:
    receiver = DynamicsIn(HOOK_SECRET, FIELDS)
    receiver.verify(Webhook("POST", "/", {"x-lead-scoring-secret": HOOK_SECRET}, b""), 0)
    for headers in ({}, {"x-lead-scoring-secret": f"{HOOK_SECRET}x"}):
        with pytest.raises(UnauthorizedError, match="is not the secret agreed on"):
            receiver.verify(Webhook("POST", "/", headers, b""), 0)
    assert dynamics_in(CrmSettings()) is None
