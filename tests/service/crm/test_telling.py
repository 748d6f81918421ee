"""The service tells CRM systems by itself where the settings want that, one process at a time."""

import asyncio
import time as clock_of_the_test
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from features.errors import ConfigError
from service.app import create_app
from service.crm.settings import CrmSettings
from service.crm.telling import drains_of
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.crm.fake_hubspot import FakeHubSpot, answering
from tests.service.crm.test_outbox import FIELDS, SCORE
from tests.service.store.conftest import postgres, url  # noqa: F401


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    """Return a HubSpot with contacts 1 to 40."""
    with answering(FakeHubSpot(40, {*FIELDS.outgoing.values()})) as fake:
        yield fake


def connected(hubspot: FakeHubSpot, push: str = "hubspot") -> CrmSettings:
    return CrmSettings(
        crm_push=push, hubspot_token=SecretStr(hubspot.token), hubspot_url=hubspot.url
    )


async def later() -> None:
    """Look after nothing else meanwhile."""
    await asyncio.sleep(3600)


def wait_until(condition: Callable[[], bool]) -> None:
    end = clock_of_the_test.monotonic() + 30
    while not condition():
        assert clock_of_the_test.monotonic() < end, "it never came"
        clock_of_the_test.sleep(0.005)


def serving(settings: Settings, url: str, crm: CrmSettings) -> tuple[TestClient, GroupWriter]:  # noqa: F811
    store = SqlStore(open_engine(read_url(url)))
    writer = GroupWriter(store)
    app = create_app(settings, sink=writer, store=store, clock=lambda: NOW, pause=later, crm=crm)
    return TestClient(app, raise_server_exceptions=False), writer


def test_two_services_tell_each_lead_once(
    settings: Settings,
    url: str,  # noqa: F811
    hubspot: FakeHubSpot,
) -> None:
    first, one = serving(settings, url, connected(hubspot))
    second, two = serving(settings, url, connected(hubspot))
    with first, second:
        for number in range(1, 41):
            client = (first, second)[number % 2]
            assert client.put(f"/leads/hubspot-{number}", json={}).status_code == 200
        wait_until(lambda: len(hubspot.times) == 40)
        scored = {n: first.get(f"/leads/hubspot-{n}").json()["score"] for n in range(1, 41)}
    assert {n: int(hubspot.contacts[str(n)][SCORE]) for n in scored} == scored
    assert set(hubspot.times.values()) == {1}
    one.close()
    two.close()


def test_by_default_the_service_tells_nobody(
    settings: Settings, tmp_path: Path, hubspot: FakeHubSpot
) -> None:
    client, writer = serving(settings, f"sqlite:///{tmp_path / 's.db'}", connected(hubspot, ""))
    with client:
        assert client.put("/leads/hubspot-1", json={}).status_code == 200
    writer.close()
    assert hubspot.requests == 0


def test_what_is_not_known_or_not_set_ends_the_start(tmp_path: Path) -> None:
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 's.db'}")))
    for push, needs in (
        ("hubspt", "LEAD_SCORING_CRM_PUSH: expected some of"),
        ("hubspot", "LEAD_SCORING_HUBSPOT_TOKEN: is needed"),
    ):
        with pytest.raises(ConfigError, match=needs):
            drains_of(CrmSettings(crm_push=push), store, lambda: NOW)
    with pytest.raises(ConfigError, match="needs a database"):
        drains_of(CrmSettings(crm_push="hubspot"), None, lambda: NOW)
