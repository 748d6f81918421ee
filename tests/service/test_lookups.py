"""The leads of several requests are asked for together."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from service.errors import NotStorableError, StoreError
from service.lookups import Lookups
from service.store.known import Wanted
from service.store.store import Store

BAD = "no database takes this"


class Shelf:
    """A store that counts how often it is asked."""

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
        return {one: one[0] for one in wanted if one[0] != "unknown"}


def find(shelf: Shelf, *names: str) -> list[object]:
    """Return what is found of leads that are asked for in one turn."""

    async def together() -> list[object]:
        lookups, store = Lookups(), cast(Store, shelf)
        asked = (lookups.find(store, (name, None)) for name in names)
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(together())


@pytest.mark.parametrize("reads_at_once", [True, False])
def test_leads_of_one_turn_are_found_with_one_query(reads_at_once: bool) -> None:
    shelf = Shelf(reads_at_once=reads_at_once)
    assert find(shelf, "a", "unknown", "b", "a") == ["a", None, "b", "a"]
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("reads_at_once", [True, False])
def test_a_lead_that_cannot_be_asked_for_takes_no_other_with_it(reads_at_once: bool) -> None:
    good, bad = find(Shelf(reads_at_once=reads_at_once), "a", BAD)
    assert good == "a"
    assert isinstance(bad, NotStorableError)


@pytest.mark.parametrize("reads_at_once", [True, False])
def test_all_are_told_that_the_database_is_gone(reads_at_once: bool) -> None:
    found = find(Shelf(reads_at_once=reads_at_once, gone=True), "a", "b")
    assert all(isinstance(one, StoreError) for one in found)


@pytest.mark.parametrize("reads_at_once", [True, False])
def test_who_asks_later_sees_what_was_written_before(reads_at_once: bool) -> None:
    shelf = Shelf(reads_at_once=reads_at_once)

    async def one_by_one() -> None:
        lookups, store = Lookups(), cast(Store, shelf)
        for name in ("a", "b", "a"):
            await lookups.find(store, (name, None))

    asyncio.run(one_by_one())
    assert len(shelf.asked) == 3
