"""A process of its own writes what is decided."""

import asyncio
import sys
from pathlib import Path
from time import monotonic

import pytest

from service.api.answer_groups import AnswerGroups
from service.api.read import read_item
from service.app import parts_of
from service.context import RequestContext
from service.errors import StoreError
from service.holder import ModelHolder
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.process_writer import ProcessWriter
from service.store.sql import SqlStore
from tests.factories import make_request
from tests.service.conftest import NOW
from tests.service.store.test_decisions import rows

WRITER = (sys.executable, "-m", "service.writer")


def test_what_it_says_is_kept_is_kept(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    store = SqlStore(open_engine(read_url(url)))
    writer = ProcessWriter(WRITER, monotonic)
    holder = ModelHolder(store)
    holder.load(settings, NOW.date())
    groups = AnswerGroups(parts_of(settings, holder, writer, lambda: NOW, store))

    async def ask() -> list[bool]:
        context = RequestContext("test", None, "en")
        asked = [read_item(make_request(i), settings) for i in range(40)]
        found = await asyncio.gather(*(groups.answer(one, context) for one in asked))
        return [one["recorded"] for one in found]

    assert asyncio.run(ask()) == [True] * 40
    writer.close()
    store.close()
    assert rows(url, "SELECT count(*) FROM decisions")[0][0] == 40
    assert rows(url, "SELECT count(*) FROM activities")[0][0] == 400


def test_who_waits_is_told_that_it_has_ended(settings: Settings) -> None:
    writer = ProcessWriter((sys.executable, "-c", "pass"), monotonic)
    holder = ModelHolder(None)
    holder.load(settings, NOW.date())
    groups = AnswerGroups(parts_of(settings, holder, writer, lambda: NOW, None))
    asked = read_item(make_request(1), settings)
    with pytest.raises(StoreError, match="has ended"):
        asyncio.run(groups.answer(asked, RequestContext("test", None, "en")))
    writer.close()
