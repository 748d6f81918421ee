"""A process of its own writes what is decided."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from service.api.answer_groups import AnswerGroups
from service.api.read import read_item
from service.app import parts_of
from service.context import RequestContext
from service.errors import StoreError
from service.holder import ModelHolder
from service.settings import Settings
from service.sink import Decision, Pending
from service.store.content import opened, written
from service.store.database import open_engine, read_url
from service.store.process_writer import PAUSE_SECONDS, ProcessWriter
from service.store.sql import SqlStore
from service.store.wire import Inbound, Lines, Outbound
from tests.factories import make_request
from tests.service.conftest import NOW
from tests.service.store.test_decisions import rows

WRITER = (sys.executable, "-m", "service.writer")
CONTEXT = RequestContext("test", None, "en")


@dataclass
class Time:
    """A clock that stands still."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Served:
    """Answers leads whose decisions another process writes."""

    def __init__(self, settings: Settings, store: SqlStore | None, writer: ProcessWriter) -> None:
        self.settings, self.writer = settings, writer
        holder = ModelHolder(store)
        holder.load(settings, NOW.date())
        parts = parts_of(settings, holder, writer, lambda: NOW, store)
        self.groups = AnswerGroups(parts)

    async def ask(self, *numbers: int) -> list[Any]:
        """Return what is answered to leads that come together, or the errors."""
        asked = [read_item(make_request(number), self.settings) for number in numbers]
        answers = (self.groups.answer(one, CONTEXT) for one in asked)
        found = await asyncio.gather(*answers, return_exceptions=True)
        return [from_json(one) if isinstance(one, bytes) else one for one in found]


@pytest.fixture
def served(
    settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Served, Time]]:
    """Return a service with its writer, on either database."""
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    store, time = SqlStore(open_engine(read_url(url))), Time()
    own = Served(settings, store, ProcessWriter(WRITER, time))
    yield own, time
    own.writer.close()
    store.close()


def count(url: str, table: str) -> int:
    found: int = rows(url, f"SELECT count(*) FROM {table}")[0][0]
    return found


def test_what_is_said_to_be_kept_is_kept(served: tuple[Served, Time], url: str) -> None:
    found = asyncio.run(served[0].ask(*range(40)))
    assert [one["recorded"] for one in found] == [True] * 40
    assert (count(url, "decisions"), count(url, "activities")) == (40, 400)
    assert served[0].writer.waiting == 0


def test_what_is_kept_is_what_was_answered(served: tuple[Served, Time], url: str) -> None:
    found = asyncio.run(served[0].ask(*range(20)))
    kept = {
        opened(row[0])["answer"]["decision_id"]: opened(row[0])["answer"]
        for row in rows(url, "SELECT content FROM decisions")
    }
    assert len(kept) == 20
    for answer in found:
        before = {**answer, "recorded": False}
        assert list(kept[answer["decision_id"]].items()) == list(before.items())


def test_another_process_begins_where_one_was_killed(served: tuple[Served, Time], url: str) -> None:
    own, time = served

    async def killed_between() -> tuple[list[Any], list[Any], list[Any]]:
        before = await own.ask(1, 2)
        os.kill(own.writer.process_id, signal.SIGKILL)
        lost = await own.ask(3)
        time.now += PAUSE_SECONDS
        return before, lost, await own.ask(4, 5)

    before, lost, after = asyncio.run(killed_between())
    assert [one["recorded"] for one in (*before, *after)] == [True] * 4
    assert isinstance(lost[0], StoreError)
    assert count(url, "decisions") == 4


def test_who_waits_is_told_that_it_has_ended(settings: Settings) -> None:
    own = Served(settings, None, ProcessWriter((sys.executable, "-c", "pass"), Time()))
    [found] = asyncio.run(own.ask(1))
    assert isinstance(found, StoreError)
    assert "has ended" in str(found)
    own.writer.close()


def test_what_was_answered_before_it_was_written_is_written_at_the_end(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(settings.artifacts))
    store = SqlStore(open_engine(read_url(url)))
    own = Served(settings, store, ProcessWriter(WRITER, Time(), relaxed=True))
    found = asyncio.run(own.ask(*range(20)))
    assert [one["recorded"] for one in found] == [False] * 20
    own.writer.close()
    store.close()
    assert count(url, "decisions") == 20


@pytest.fixture
def made(settings: Settings) -> Callable[[int], Decision]:
    """Return what makes decisions, which are kept in memory."""
    kept: list[Decision] = []

    class Kept:
        keeps = durable = True
        waiting = 0

        def give(self, pending: Sequence[Pending]) -> None:
            for one in pending:
                kept.extend(one.decisions)
                one.done.set_result(None)

    holder = ModelHolder(None)
    holder.load(settings, NOW.date())
    groups = AnswerGroups(parts_of(settings, holder, Kept(), lambda: NOW, None))

    def decide(number: int) -> Decision:
        asyncio.run(groups.answer(read_item(make_request(number), settings), CONTEXT))
        return kept[-1]

    return decide


def test_a_decision_is_the_same_after_its_way(made: Callable[[int], Decision]) -> None:
    decisions = [made(number) for number in range(30)]
    sent = Outbound().lines([decisions[:3], *([one] for one in decisions[3:])])
    inbound, lines, arrived = Inbound(), Lines(), []
    for start in range(0, len(sent), 1000):  # in pieces, as a socket brings it
        for line in lines.whole(sent[start : start + 1000]):
            arrived += inbound.requests(line)
    assert [len(request) for request in arrived] == [3, *[1] * 27]
    for before, after in zip(decisions, (one for some in arrived for one in some), strict=True):
        ours, theirs = written(before), written(after)
        assert opened(theirs.content) == opened(ours.content)
        assert [list(one) for one in theirs.activities] == [list(one) for one in ours.activities]
        theirs = theirs._replace(content=ours.content, activities=ours.activities)
        assert theirs == ours
