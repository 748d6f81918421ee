"""Every lead's newest score reaches Salesforce once, over its real client."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from pydantic import SecretStr

from features.errors import ConfigError
from service.crm.drain import Drain, drained
from service.crm.field_map import read_fields
from service.crm.outbox import parked
from service.crm.salesforce_api import SalesforceApi, salesforce_api
from service.crm.salesforce_out import KINDS, SalesforceOut
from service.crm.settings import CrmSettings
from service.store.sql import SqlStore
from tests.service.crm.conftest import Time, decision, run_until_done
from tests.service.crm.fake_hubspot import answering
from tests.service.crm.fake_salesforce import Answer, FakeSalesforce, failed, lead_key, session_of

FIELDS = read_fields("salesforce")
SCORE = FIELDS.outgoing["score"]
LIMIT: Answer = (403, {}, failed("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
TOO_MANY: Answer = (429, {"Retry-After": "45"}, failed("TOO_MANY_REQUESTS", "slow down"))
AWAY: Answer = (503, {}, failed("SERVER_UNAVAILABLE", "busy"))


def standard_fields() -> dict[str, str]:
    """Return the fields that a Salesforce has which was prepared as `check` says."""
    known = dict.fromkeys(
        [*FIELDS.incoming.lead, *FIELDS.incoming.attributes, "Id", "Status"], "string"
    )
    for sent, name in FIELDS.outgoing.items():
        known[name] = KINDS[sent][1][0] if sent in KINDS else "string"
    return known


@pytest.fixture
def salesforce() -> Iterator[FakeSalesforce]:
    """Return a Salesforce with leads 1 to 450."""
    with answering(FakeSalesforce(450, standard_fields())) as fake:
        yield fake


def out_of(fake: FakeSalesforce) -> SalesforceOut:
    return SalesforceOut(SalesforceApi("acme.my", "key", "secret", session_of(fake)), FIELDS)


def drain_of(store: SqlStore, fake: FakeSalesforce, time: Time) -> Drain:
    return Drain(store, out_of(fake), time, Random(1))


def score_all(store: SqlStore, time: Time, count: int = 450, score: int = 40) -> None:
    ids = (f"salesforce-{lead_key(n)}" for n in range(1, count + 1))
    store.write([decision(lead_id, time(), score) for lead_id in ids])


def scores(fake: FakeSalesforce) -> list[float | None]:
    return [lead.get(SCORE) for lead in fake.leads.values()]


def test_each_lead_is_told_once_two_hundred_at_a_time(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    score_all(store, time)
    assert drained(drain_of(store, salesforce, time), time.pass_by).pushed == 450
    assert (salesforce.logins, salesforce.requests) == (1, 4)
    assert scores(salesforce) == [40] * 450
    told = salesforce.leads[lead_key(7)]
    assert told[FIELDS.outgoing["reasons"]] == "Demo requested: +40"
    assert told[FIELDS.outgoing["label"]] == "MQL"
    assert drained(drain_of(store, salesforce, time), time.pass_by).pushed == 0
    assert set(salesforce.times.values()) == {1}


def test_an_expired_token_is_renewed_on_the_way(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    salesforce.requests_per_token = 1
    score_all(store, time)
    assert drained(drain_of(store, salesforce, time), time.pass_by).pushed == 450
    assert salesforce.logins == 3
    assert set(salesforce.times.values()) == {1}


def test_refused_credentials_hold_everything_until_they_are_mended(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    score_all(store, time, 10)
    salesforce.secret_holds = False
    drain = drain_of(store, salesforce, time)
    time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert "refuses the credentials (invalid_client)" in (drain.problem or "")
    salesforce.secret_holds = True
    run_until_done(drain, time)
    assert salesforce.times.total() == 10


def test_a_salesforce_that_is_down_for_an_hour_loses_and_parks_nothing(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    score_all(store, time)
    drain, end = drain_of(store, salesforce, time), time() + timedelta(hours=1)
    salesforce.down = True
    while time() < end:
        time.pass_by(drained(drain, time.pass_by).wait_seconds)
        if salesforce.requests == 5:
            score_all(store, time, 100, 55)
    assert salesforce.requests < 40
    assert salesforce.taken == []
    salesforce.down = False
    run_until_done(drain, time)
    assert scores(salesforce) == [55] * 100 + [40] * 350
    assert set(salesforce.times.values()) == {1}
    assert store.reading(lambda c: parked(c, "salesforce")) == []


@pytest.mark.parametrize(
    ("trouble", "least_seconds"), [(LIMIT, 60.0), (TOO_MANY, 45.0), (AWAY, 1.0)]
)
def test_a_storm_of_refusals_is_waited_out(
    store: SqlStore,
    salesforce: FakeSalesforce,
    time: Time,
    trouble: Answer,
    least_seconds: float,
) -> None:
    score_all(store, time)
    drain, begin = drain_of(store, salesforce, time), time()
    assert drain.connector.check() == []  # it is logged in
    salesforce.troubles, salesforce.requests = [trouble] * 12, 1
    run_until_done(drain, time)
    assert salesforce.requests == 12 + 4
    assert time() - begin >= timedelta(seconds=12 * least_seconds)
    assert scores(salesforce) == [40] * 450
    assert set(salesforce.times.values()) == {1}


def test_a_batch_that_fails_in_part_is_repeated_in_part(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    score_all(store, time, 50)
    strange = [f"salesforce-{lead_key(999)}", "salesforce-x", "L-1", "hubspot-5"]
    store.write([decision(name, time(), 9) for name in strange])
    salesforce.broken = {
        lead_key(3): "UNABLE_TO_LOCK_ROW",
        lead_key(4): "CANNOT_UPDATE_CONVERTED_LEAD",
    }
    drain = drain_of(store, salesforce, time)
    done = drained(drain, time.pass_by)
    assert (done.pushed, done.parked) == (48, 3)
    salesforce.broken.pop(lead_key(3))
    time.pass_by(60)
    assert drained(drain, time.pass_by).pushed == 1
    assert set(salesforce.times.values()) == {1}
    left = {one.lead_id: one.reason for one in store.reading(lambda c: parked(c, "salesforce"))}
    assert left == {
        strange[0]: "Salesforce: ENTITY_IS_DELETED",
        strange[1]: "its id is none of Salesforce",
        f"salesforce-{lead_key(4)}": "Salesforce: CANNOT_UPDATE_CONVERTED_LEAD",
    }


def test_missing_fields_are_named_and_nothing_is_lost(
    store: SqlStore, salesforce: FakeSalesforce, time: Time
) -> None:
    score_all(store, time, 150)
    assert out_of(salesforce).check() == []
    del salesforce.fields[SCORE]
    del salesforce.fields["Industry"]
    salesforce.read_only = {FIELDS.outgoing["label"]}
    salesforce.fields[FIELDS.outgoing["reasons"]] = "boolean"
    drain = drain_of(store, salesforce, time)
    time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert drain.problem == f"Salesforce has no field {SCORE}, or hides it; create or show it"
    assert drain.connector.check() == [
        f"create the field {SCORE} (Number(3, 0)) of Lead, and show it",
        "field Lead_Scoring_Label__c: let the app's user edit it",
        "field Lead_Scoring_Reasons__c: is boolean, expected Long Text Area(4000)",
        "incoming field Industry: is not there",
    ]
    salesforce.fields = standard_fields()
    run_until_done(drain, time)
    assert salesforce.times.total() == 150


def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="LEAD_SCORING_SALESFORCE_DOMAIN: expected"):
        salesforce_api(CrmSettings(salesforce_domain="https://evil.example/x"))
    with pytest.raises(ConfigError, match="LEAD_SCORING_SALESFORCE_KEY: is needed"):
        salesforce_api(CrmSettings(salesforce_domain="acme.my"))
    known = CrmSettings(
        salesforce_domain="https://acme.my.salesforce.com/",
        salesforce_key=SecretStr("k"),
        salesforce_secret=SecretStr("s"),
    )
    assert salesforce_api(known).domain == "acme.my"
