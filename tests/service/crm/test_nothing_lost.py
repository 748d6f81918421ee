"""Two CRMs in a bad day: nothing is lost, told twice or stale, counted on the CRMs' side."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from service.crm.drain import Drain
from service.crm.field_map import read_fields
from service.crm.hubspot_out import HubSpotOut
from service.crm.outbox import parked, state
from service.crm.salesforce_api import SalesforceApi
from service.crm.salesforce_out import SalesforceOut
from service.store.sql import SqlStore
from tests.service.crm.conftest import Time, decision
from tests.service.crm.fake_hubspot import FakeHubSpot, answering
from tests.service.crm.fake_salesforce import FakeSalesforce, lead_key, session_of
from tests.service.crm.test_outbox import LIMIT
from tests.service.crm.test_salesforce_out import AWAY, TOO_MANY, standard_fields
from tests.service.crm.test_salesforce_out import LIMIT as REQUEST_LIMIT

LEADS = 120
HUBSPOT, SALESFORCE = read_fields("hubspot"), read_fields("salesforce")


@pytest.fixture
def crms() -> Iterator[tuple[FakeHubSpot, FakeSalesforce]]:
    """Return a HubSpot and a Salesforce with as many leads each."""
    hubspot = FakeHubSpot(LEADS, {*HUBSPOT.outgoing.values()})
    salesforce = FakeSalesforce(LEADS, standard_fields())
    with answering(hubspot), answering(salesforce):
        yield hubspot, salesforce


@pytest.mark.parametrize(
    ("seed", "hours"),
    [(0, 3.0), *(pytest.param(seed, 6.0, marks=pytest.mark.prove) for seed in range(1, 6))],
)
def test_a_bad_day_loses_nothing_and_tells_nothing_twice_or_late(
    store: SqlStore,
    crms: tuple[FakeHubSpot, FakeSalesforce],
    time: Time,
    seed: int,
    hours: float,
) -> None:
    hubspot, salesforce = crms
    random, newest, begin = Random(seed), dict[str, str](), time()
    drains = [
        Drain(store, HubSpotOut("pat-1", HUBSPOT, hubspot.url), time, Random(seed)),
        Drain(store, salesforce_out(salesforce), time, Random(seed)),
    ]
    while time() - begin < timedelta(hours=hours):
        passed = (time() - begin) / timedelta(hours=1)
        hubspot.down = salesforce.down = 1 <= passed < 2
        decide_some(store, time, random, newest)
        trouble(hubspot, salesforce, random)
        for drain in drains:
            drain.round()
            if random.random() < 0.05:  # the process dies, and another takes its place
                drain.__init__(store, drain.connector, time, random)  # type: ignore[misc]
        time.pass_by(random.choice([1, 20, 200]))
    mend(hubspot, salesforce)
    for drain in drains:
        settle(drain, time)
        assert store.reading(partial(parked, crm=drain.connector.name)) == []
    told = {
        HUBSPOT.prefix: of_lead(hubspot.taken, HUBSPOT.outgoing["decision_id"]),
        SALESFORCE.prefix: of_lead(salesforce.taken, SALESFORCE.outgoing["decision_id"]),
    }
    for lead_id, last in newest.items():
        prefix = next(one for one in told if lead_id.startswith(one))
        heard = told[prefix][lead_id.removeprefix(prefix)]
        assert heard[-1] == last, "lost"
        assert heard == sorted(set(heard)), "told twice, or an old one after a newer one"
    assert sum(map(len, told[HUBSPOT.prefix].values())) > LEADS
    assert len(newest) == 2 * LEADS


def salesforce_out(fake: FakeSalesforce) -> SalesforceOut:
    return SalesforceOut(SalesforceApi("acme.my", "key", "secret", session_of(fake)), SALESFORCE)


def decide_some(store: SqlStore, time: Time, random: Random, newest: dict[str, str]) -> None:
    """Decide of a few leads, sometimes of what they were before."""
    ids = [f"hubspot-{n}" for n in range(1, LEADS + 1)]
    ids += [f"salesforce-{lead_key(n)}" for n in range(1, LEADS + 1)]
    written = []
    for lead_id in random.sample(ids, 2 * LEADS if not newest else 12):
        made = decision(lead_id, time(), random.randrange(100))
        written.append(made)
        newest[lead_id] = made.decision_id
        if random.random() < 0.2:
            old = decision(lead_id, time() - timedelta(days=1), random.randrange(100))
            other = f"{old.decision_id}{random.getrandbits(64):x}"
            written.append(old._replace(decision_id=other))
    store.write(written)


def trouble(hubspot: FakeHubSpot, salesforce: FakeSalesforce, random: Random) -> None:
    """Let the CRMs make trouble, or be good again."""
    if random.random() < 0.1:
        hubspot.troubles = [LIMIT] * random.randrange(5)
        salesforce.troubles = [random.choice([REQUEST_LIMIT, TOO_MANY, AWAY])] * random.randrange(5)
    hubspot.token = random.choice(["pat-1"] * 9 + ["pat-2"])
    salesforce.left = random.choice([salesforce.left] * 9 + [0])
    salesforce.secret_holds = random.random() < 0.9
    hubspot.locked = {str(random.randrange(1, LEADS)) for _ in range(3)}
    locked = (lead_key(random.randrange(1, LEADS)) for _ in range(3))
    salesforce.broken = dict.fromkeys(locked, "UNABLE_TO_LOCK_ROW")
    hidden = HUBSPOT.outgoing["grade"]
    if random.random() < 0.05:
        hubspot.properties.pop(hidden, None)
    elif random.random() < 0.5:
        hubspot.properties[hidden] = "string"


def mend(hubspot: FakeHubSpot, salesforce: FakeSalesforce) -> None:
    """Let the CRMs be well."""
    hubspot.token, salesforce.secret_holds = "pat-1", True
    hubspot.troubles, salesforce.troubles = [], []
    hubspot.locked, salesforce.broken = set(), {}
    hubspot.properties |= dict.fromkeys(HUBSPOT.outgoing.values(), "string")


def settle(drain: Drain, time: Time) -> None:
    """Let time pass until nothing waits."""
    for _ in range(400):
        time.pass_by(drain.round().wait_seconds)
        if not drain.store.reading(partial(state, crm=drain.connector.name))["waiting"]:
            return
    pytest.fail("the outbox never became empty")


def of_lead(taken: Sequence[tuple[str, dict[str, Any]]], field: str) -> dict[str, list[str]]:
    """Return the decisions that each record was told of, in the order in which they came."""
    found: dict[str, list[str]] = defaultdict(list)
    for record, values in taken:
        found[record].append(values[field])
    return found
