"""What was found is remembered for a while, for what it was found of."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from features.errors import DataError
from service.remembered import Kept, Remembered

LASTS = 60


class Looker:
    """Counts how often it looked; finds the moment as of which it did."""

    def __init__(self) -> None:
        self.times = 0
        self.now = 1000
        self.remembered: Remembered[int] = Remembered(LASTS)

    def look(self, now: int) -> int:
        self.times += 1
        return now

    def ask(self, about: object, *, anew: bool = False) -> Kept[int]:
        return self.remembered.recall(about, lambda: self.now, self.look, anew=anew)


def test_what_was_found_holds_for_a_while_and_tells_its_moment() -> None:
    looker, model = Looker(), object()
    found = []
    for looker.now in (1000, 1059, 1060, 1119, 1120):
        kept = looker.ask(model)
        assert kept.at == kept.found
        found.append(kept.found)
    assert found == [1000, 1000, 1060, 1060, 1120]


def test_nothing_holds_for_another_thing_or_once_asked_for_anew() -> None:
    looker, model, agreed = Looker(), object(), object()
    for times, (about, anew) in enumerate(
        ((model, False), (agreed, False), (model, False), (model, True)), start=1
    ):
        looker.ask(about, anew=anew)
        assert looker.times == times
    looker.ask(model)
    assert looker.times == 4


def test_a_clock_that_was_set_back_does_not_let_it_hold_longer() -> None:
    looker, model = Looker(), object()
    looker.ask(model)
    looker.now -= 1
    assert looker.ask(model).found == 999


def test_of_several_who_ask_at_once_one_looks() -> None:
    looker, model = Looker(), object()
    begun, go = Event(), Event()

    def slowly(now: int) -> int:
        begun.set()
        assert go.wait(30)
        return looker.look(now)

    def ask() -> Kept[int]:
        return looker.remembered.recall(model, lambda: looker.now, slowly)

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        assert begun.wait(30)
        go.set()
        found = {one.result(30).found for one in asked}
    assert (found, looker.times) == ({1000}, 1)


@pytest.mark.parametrize("anew", [False, True])
def test_a_failure_is_passed_on_and_leaves_nothing_to_remember(anew: bool) -> None:
    looker, model = Looker(), object()

    def fails(_: int) -> int:
        raise DataError("the store is away")

    if anew:
        looker.ask(model)
    before = looker.times
    with pytest.raises(DataError, match="the store is away"):
        looker.remembered.recall(model, lambda: looker.now, fails, anew=anew)
    looker.ask(model)
    assert looker.times == before + 1
