"""A link lets in once, and a session ends."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.access.keyring import Keyring
from service.dashboard.sessions import SESSION_SECONDS, Link, Sessions
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from tests.service.conftest import NOW
from tests.service.dashboard.test_login import DIGEST, SECRET, a_key


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    a_key(url, "crm", "score")
    found = SqlStore(open_engine(read_url(url)))
    yield found
    found.close()


def sessions_of(store: SqlStore, clock: Time) -> Sessions:
    keyring = Keyring(store, clock)
    keyring.refresh()
    return Sessions(keyring, store, clock, Link(DIGEST, NOW.timestamp() + 900))


def test_a_link_that_was_used_stays_used_after_a_new_start(store: SqlStore) -> None:
    clock = Time()
    first = asyncio.run(sessions_of(store, clock).open_with_link(SECRET))
    assert first.refused is None
    assert asyncio.run(sessions_of(store, clock).open_with_link(SECRET)).refused == "used"


def test_an_old_link_and_a_wrong_one_open_nothing(store: SqlStore) -> None:
    clock = Time()
    sessions = sessions_of(store, clock)
    assert asyncio.run(sessions.open_with_link("another")).refused == "used"
    clock.now += timedelta(seconds=900)
    assert asyncio.run(sessions.open_with_link(SECRET)).refused == "used"


def test_a_session_ends_by_itself(store: SqlStore) -> None:
    clock = Time()
    sessions = sessions_of(store, clock)
    name = asyncio.run(sessions.open_with_link(SECRET)).session
    assert sessions.admits(name, "write")
    clock.now += timedelta(seconds=SESSION_SECONDS + 1)
    assert not sessions.admits(name, "write")
