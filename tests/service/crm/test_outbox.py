"""Every lead's newest score reaches the CRM once, whatever the CRM does meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from service.crm.drain import MOST_ATTEMPTS, Drain, drained
from service.crm.field_map import read_fields
from service.crm.hubspot_out import HubSpotOut
from service.crm.outbox import parked, release, state
from service.store.database import open_engine, read_url
from service.store.erasure import erase_lead, export_lead
from service.store.sql import SqlStore
from tests.service.crm.conftest import Time, decision, run_until_done
from tests.service.crm.fake_hubspot import FakeHubSpot, answering, limited
from tests.service.store.conftest import postgres, url  # noqa: F401

FIELDS = read_fields("hubspot")
SCORE = FIELDS.outgoing["score"]
LIMIT = limited()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:  # noqa: F811
    """Return an empty store on each database."""
    made = SqlStore(open_engine(read_url(url)))
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    """Return a HubSpot with contacts 1 to 250."""
    with answering(FakeHubSpot(250, {*FIELDS.outgoing.values()})) as fake:
        yield fake


def drain_of(store: SqlStore, hubspot: FakeHubSpot, time: Time) -> Drain:
    return Drain(store, HubSpotOut("pat-1", FIELDS, hubspot.url), time, Random(1))


def score_all(store: SqlStore, time: Time, count: int = 250, score: int = 40) -> None:
    store.write([decision(f"hubspot-{n}", time(), score) for n in range(1, count + 1)])


def scores(hubspot: FakeHubSpot) -> list[str | None]:
    return [contact.get(SCORE) for contact in hubspot.contacts.values()]


def test_each_lead_is_told_once(store: SqlStore, hubspot: FakeHubSpot, time: Time) -> None:
    score_all(store, time)
    drain = drain_of(store, hubspot, time)
    assert drained(drain, time.pass_by).pushed == 250
    assert hubspot.requests == 3
    assert scores(hubspot) == ["40"] * 250
    assert hubspot.contacts["7"][FIELDS.outgoing["reasons"]] == "Demo requested: +40"
    assert drained(drain_of(store, hubspot, time), time.pass_by).pushed == 0
    assert set(hubspot.times.values()) == {1}


def test_only_the_newest_score_is_told(store: SqlStore, hubspot: FakeHubSpot, time: Time) -> None:
    for score in (40, 50, 60):
        score_all(store, time, 20, score)
        time.pass_by(1)
    past = time() - timedelta(days=9)
    store.write([decision("hubspot-1", time(), 5, as_of=0, created_at=0)])
    store.write([decision("hubspot-2", past, 6)])
    run_until_done(drain_of(store, hubspot, time), time)
    assert scores(hubspot)[:20] == ["60"] * 20
    assert set(hubspot.times.values()) == {1}


def test_a_score_that_changes_while_it_is_told_is_told_again(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 3)
    drain = drain_of(store, hubspot, time)
    push = drain.connector.push

    def slow(batch):  # type: ignore[no-untyped-def]
        told = push(batch)
        if not hubspot.times["1"] > 1:
            time.pass_by(1)
            store.write([decision("hubspot-1", time(), 77)])
        return told

    drain.connector.push = slow  # type: ignore[method-assign]
    run_until_done(drain, time)
    drained(drain, time.pass_by)
    assert scores(hubspot)[:3] == ["77", "40", "40"]
    assert [hubspot.times[name] for name in "123"] == [2, 1, 1]


def test_a_crm_that_is_down_for_an_hour_loses_and_parks_nothing(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time)
    drain, end = drain_of(store, hubspot, time), time() + timedelta(hours=1)
    hubspot.down = True
    while time() < end:
        time.pass_by(drained(drain, time.pass_by).wait_seconds)
        if hubspot.requests == 5:
            score_all(store, time, 100, 55)
    assert hubspot.requests < 40
    assert hubspot.taken == []
    hubspot.down = False
    run_until_done(drain, time)
    assert scores(hubspot) == ["55"] * 100 + ["40"] * 150
    assert set(hubspot.times.values()) == {1}
    assert store.reading(lambda c: parked(c, "hubspot")) == []


def test_a_storm_of_429_is_waited_out_as_asked(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time)
    hubspot.troubles = [LIMIT] * 30
    drain, begin = drain_of(store, hubspot, time), time()
    run_until_done(drain, time)
    assert hubspot.requests == 33
    assert time() - begin >= timedelta(seconds=300)
    assert scores(hubspot) == ["40"] * 250
    assert set(hubspot.times.values()) == {1}


def test_an_expired_token_holds_everything_until_there_is_a_new_one(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 10)
    hubspot.token = "pat-2"
    drain = drain_of(store, hubspot, time)
    drained(drain, time.pass_by)
    assert "LEAD_SCORING_HUBSPOT_TOKEN" in (drain.problem or "")
    fresh = Drain(store, HubSpotOut("pat-2", FIELDS, hubspot.url), time, Random(1))
    assert drained(fresh, time.pass_by).pushed == 10


def test_a_batch_that_fails_in_part_is_repeated_in_part(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 50)
    store.write([decision(name, time(), 9) for name in ("hubspot-999", "hubspot-x", "L-1")])
    hubspot.locked = {"3", "4"}
    drain = drain_of(store, hubspot, time)
    done = drained(drain, time.pass_by)
    assert (done.pushed, done.parked) == (48, 2)
    hubspot.locked = set()
    time.pass_by(60)
    assert drained(drain, time.pass_by).pushed == 2
    assert scores(hubspot)[:50] == ["40"] * 50
    assert set(hubspot.times.values()) == {1}
    left = store.reading(lambda c: parked(c, "hubspot"))
    assert [one.lead_id for one in left] == ["hubspot-999", "hubspot-x"]
    assert left[0].reason == "HubSpot: OBJECT_NOT_FOUND"


def test_what_is_refused_again_and_again_is_parked_until_it_is_released(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 2)
    hubspot.locked = {"1"}
    drain = drain_of(store, hubspot, time)
    run_until_done(drain, time)
    assert hubspot.requests == MOST_ATTEMPTS
    hubspot.locked = set()
    assert drained(drain, time.pass_by).pushed == 0
    assert store.changing(lambda c: release(c, "hubspot", 0)) == 1
    assert drained(drain, time.pass_by).pushed == 1
    assert hubspot.times == {"1": 1, "2": 1}


def test_a_new_score_brings_back_what_was_parked(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    store.write([decision("hubspot-999", time(), 9)])
    drain = drain_of(store, hubspot, time)
    drained(drain, time.pass_by)
    hubspot.contacts["999"] = {}
    time.pass_by(60)
    store.write([decision("hubspot-999", time(), 12)])
    assert drained(drain, time.pass_by).pushed == 1
    assert hubspot.contacts["999"][SCORE] == "12"


def test_missing_fields_are_named_and_nothing_is_lost(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 150)
    del hubspot.properties[SCORE]
    drain = drain_of(store, hubspot, time)
    time.pass_by(drained(drain, time.pass_by).wait_seconds)
    assert drain.problem == f"HubSpot has no property {SCORE}; create it"
    assert hubspot.requests == 1
    assert f"create the property {SCORE} (type number) of contacts" in drain.connector.check()
    hubspot.properties[SCORE] = "number"
    run_until_done(drain, time)
    assert hubspot.times.total() == 150


def test_an_erased_lead_is_forgotten_and_its_export_is_whole(
    store: SqlStore, hubspot: FakeHubSpot, time: Time
) -> None:
    score_all(store, time, 2)
    drain = drain_of(store, hubspot, time)
    drained(drain, time.pass_by)
    exported = store.reading(lambda c: export_lead(c, "hubspot-1"))
    assert [row["crm"] for row in exported["crm_outbox"]] == ["hubspot"]
    store.changing(lambda c: erase_lead(c, "hubspot-1", 1, None))
    assert store.reading(lambda c: state(c, "hubspot"))["pushed"] == 1


def test_ten_thousand_leads_are_told_once_each(
    tmp_path: Path, hubspot: FakeHubSpot, time: Time
) -> None:
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'store.db'}")))
    hubspot.contacts = {str(n): {} for n in range(1, 10_001)}
    score_all(store, time, 10_000)
    hubspot.troubles = [LIMIT, LIMIT]
    run_until_done(drain_of(store, hubspot, time), time)
    assert hubspot.requests == 102
    assert hubspot.times == dict.fromkeys(hubspot.contacts, 1)
    store.close()
