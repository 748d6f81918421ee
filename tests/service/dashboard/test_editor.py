"""Criteria and signs of the agreement come and go under the hands of whoever drafts."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.service.dashboard.conftest import Site, Tab

ICP = "Ideal customer profile"
SIGNS = {
    "intent": ("Signs of intent", "Add a sign"),
    "inquiry": ("What counts as an inquiry", "Add an activity"),
    "explicit_intent": ("What counts as explicit buying intent", "Add an activity"),
}


@pytest.fixture
def editing(site: Site, tab: Tab) -> Iterator[Any]:
    """Return the page of the agreement, where nobody has agreed on anything but lines."""
    tab.page.goto(f"{site.address}/agreement")
    tab.page.get_by_text("past leads would change their label").wait_for()
    yield tab.page
    assert tab.complaints == []


def card_of(page: Any, title: str) -> Any:
    return page.locator(".card").filter(has=page.get_by_text(title, exact=True))


def add(page: Any, box: Any, label: str) -> str:
    """Choose the first thing that can be added; return what it is called."""
    box.get_by_label(label, exact=True).click()
    option = page.get_by_role("option").first
    name = str(option.inner_text())
    option.click()
    return name


def in_words(page: Any) -> str:
    return str(card_of(page, "What changes, in words").inner_text())


def drafted(page: Any) -> dict[str, Any]:
    """Return the tables of the draft."""
    field = page.get_by_label("The draft as TOML")
    if not field.is_visible():
        page.get_by_role("button", name="Everything as text").click()
    return tomllib.loads(field.input_value())


def test_a_criterion_comes_and_goes(editing: Any) -> None:
    page, before = editing, drafted(editing)
    add(page, card_of(page, ICP), "Add a criterion")
    page.get_by_text("Fit grades, least share of the known weight").wait_for()
    [criterion] = drafted(page)["icp"]["criteria"]
    assert criterion["weight"] == 1
    card_of(page, "What changes, in words").get_by_text(ICP).wait_for()
    add(page, card_of(page, ICP), "Add a criterion")
    taken = card_of(page, ICP).get_by_role("button", name="Take away")
    taken.nth(1).wait_for()
    assert len(drafted(page)["icp"]["criteria"]) == 2
    taken.first.click()
    taken.nth(1).wait_for(state="detached")
    assert len(drafted(page)["icp"]["criteria"]) == 1
    taken.first.click()
    page.get_by_text("Nothing: the draft says what is in force.").wait_for()
    assert drafted(page) == before


@pytest.mark.parametrize("part", SIGNS)
def test_a_sign_comes_and_goes(editing: Any, part: str) -> None:
    page, before = editing, drafted(editing)
    title, label = SIGNS[part]
    page.get_by_role("button", name=title).click()
    box = card_of(page, title)
    name = add(page, box, label)
    taken = box.get_by_role("button", name="Take away")
    taken.wait_for()
    box.locator(".criterion").get_by_text(name, exact=True).wait_for()
    told = drafted(page)[part]
    [sign] = told["signals"] if part == "intent" else told
    assert set(sign) > {"activity"}
    card_of(page, "What changes, in words").get_by_text(name).first.wait_for()
    add(page, box, label)
    taken.nth(1).wait_for()
    taken.first.click()
    taken.nth(1).wait_for(state="detached")
    taken.click()
    page.get_by_text("Nothing: the draft says what is in force.").wait_for()
    assert drafted(page) == before
