"""The leads of several requests are answered together, each as if it had come alone."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from pydantic_core import from_json

from features.errors import SchemaError
from service.api.answer_groups import MOST_AT_ONCE, AnswerGroups
from service.api.read import read_item
from service.context import RequestContext
from service.errors import NotReadyError, NotStorableError, StoreError
from service.holder import ModelHolder, Served
from service.parts import Parts
from service.settings import Settings
from service.sink import NullSink
from service.store.known import Wanted
from service.store.store import Store
from tests.factories import make_request
from tests.service.conftest import NOW

BAD = "no database takes this"
Asked = tuple[dict[str, Any], str, bool]


class Shelf:
    """A store that knows no lead, and counts how often it is asked."""

    def __init__(self, *, reads_at_once: bool, gone: bool = False) -> None:
        self.reads_at_once = reads_at_once
        self.gone = gone
        self.asked: list[Sequence[Wanted]] = []

    def known(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, Any]:
        self.asked.append(tuple(wanted))
        if self.gone:
            raise StoreError("the database does not answer")
        if any(lead_id == BAD for lead_id, _ in wanted):
            raise NotStorableError("the database does not take it")
        return {}


@pytest.fixture(scope="module")
def holder(settings: Settings) -> ModelHolder:
    """Return a holder with the champion."""
    held = ModelHolder(None)
    held.load(settings, NOW.date())
    return held


@pytest.fixture(params=[True, False], ids=["at once", "through a thread"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """Return a store of each kind."""
    return Shelf(reads_at_once=request.param)


@pytest.fixture
def parts(settings: Settings, holder: ModelHolder, shelf: Shelf) -> Parts:
    """Return the parts of an application on it."""
    refusing = settings.model_copy(update={"unrecorded": "refuse"})
    return Parts(refusing, holder, NullSink(), lambda: NOW, cast(Store, shelf))


def lead(number: int, **other: object) -> Asked:
    """Return one of many leads, in English, asked for by a caller who is not strict."""
    return {**make_request(number), **other}, "en", False


def answers(parts: Parts, *asked: Asked) -> list[dict[str, Any] | BaseException]:
    """Return what becomes of leads that come in one turn of the event loop."""

    async def together() -> list[dict[str, Any] | BaseException]:
        groups = AnswerGroups(parts)
        found = await asyncio.gather(
            *(
                groups.answer(
                    read_item(body, parts.settings),
                    RequestContext("test", None, language),
                    strict=strict,
                )
                for body, language, strict in asked
            ),
            return_exceptions=True,
        )
        return [from_json(one) if isinstance(one, bytes) else one for one in found]

    return asyncio.run(together())


def bodies(found: Sequence[dict[str, Any] | BaseException]) -> list[dict[str, Any]]:
    """Return answers, of which none failed."""
    return [cast(dict[str, Any], one) for one in found]


def test_each_lead_is_answered_as_if_it_had_come_alone(parts: Parts) -> None:
    asked = [lead(i) for i in range(MOST_AT_ONCE + 3)]
    alone = [bodies(answers(parts, one))[0] for one in asked]
    assert bodies(answers(parts, *asked)) == alone


def test_leads_of_one_turn_are_asked_for_with_one_query(parts: Parts, shelf: Shelf) -> None:
    answers(parts, lead(1), lead(2), lead(1))
    assert len(shelf.asked) == 1


def test_each_caller_gets_its_own_language(parts: Parts) -> None:
    body, _, _ = lead(1)
    english, chinese = bodies(answers(parts, (body, "en", False), (body, "zh", False)))
    assert english["score"] == chinese["score"]
    assert english["reasons"][0]["text"] != chinese["reasons"][0]["text"]


def test_only_the_strict_caller_is_refused(parts: Parts) -> None:
    body, _, _ = lead(1, attributes={"shoe_size": 44})
    strict, lenient = answers(parts, (body, "en", True), (body, "en", False))
    assert isinstance(strict, SchemaError)
    assert isinstance(lenient, dict)


def test_a_lead_that_cannot_be_asked_for_takes_no_other_with_it(parts: Parts) -> None:
    good, bad, other = answers(parts, lead(1), lead(2, lead_id=BAD), lead(3))
    assert isinstance(good, dict)
    assert isinstance(other, dict)
    assert isinstance(bad, NotStorableError)


def test_a_lead_that_breaks_the_scorer_takes_no_other_with_it(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = parts.holder.answering
    assert isinstance(held, Served)
    whole = held.scorer.score

    def score(leads: Any, activities: Any, **options: Any) -> Any:
        if 7 in leads.episode:
            raise ZeroDivisionError
        return whole(leads, activities, **options)

    monkeypatch.setattr(held.scorer, "score", score)
    good, bad = answers(parts, lead(1), lead(2, episode=7))
    assert isinstance(good, dict)
    assert isinstance(bad, ZeroDivisionError)


def test_all_are_told_that_the_database_is_gone_after_one_question(
    parts: Parts, shelf: Shelf
) -> None:
    shelf.gone = True
    assert all(type(one) is StoreError for one in answers(parts, lead(1), lead(2)))
    assert len(shelf.asked) == 1


def test_all_are_told_that_there_is_no_model(settings: Settings) -> None:
    parts = Parts(settings, ModelHolder(None), NullSink(), lambda: NOW)
    assert all(isinstance(one, NotReadyError) for one in answers(parts, lead(1), lead(2)))


def test_who_asks_later_sees_what_was_written_before(parts: Parts, shelf: Shelf) -> None:
    async def one_by_one() -> None:
        groups, context = AnswerGroups(parts), RequestContext("test", None, "en")
        for number in (1, 2, 1):
            await groups.answer(read_item(lead(number)[0], parts.settings), context)

    asyncio.run(one_by_one())
    assert len(shelf.asked) == 3


def test_every_event_loop_is_answered(parts: Parts) -> None:
    groups, context = AnswerGroups(parts), RequestContext("test", None, "en")
    asked = read_item(lead(1)[0], parts.settings)
    for _ in range(2):
        answer = from_json(asyncio.run(groups.answer(asked, context)))
        assert answer["lead_id"] == asked.lead_id
