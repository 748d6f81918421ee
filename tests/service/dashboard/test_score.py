"""Somebody makes up a lead, and sees what the service would answer."""

import json
import shlex
from typing import Any

import pytest

from service.dashboard.trial import examples_of
from service.example_lead import curl
from service.specimen import specimen
from tests.factories import make_bundle
from tests.service.dashboard.conftest import Site, Tab, picture
from tests.service.test_process import ask

TITLES = {"en": "Score a lead", "zh": "试评线索"}
WHOLE = {"en": "The whole answer as JSON", "zh": "完整的 JSON 回答"}
TABLE = {"en": "Base", "zh": "基础"}
OWN = ("scored_at", "label_before", "changed")


def answer_on(page: Any, language: str) -> dict[str, Any]:
    """Return the answer that a page shows as JSON."""
    page.get_by_text(WHOLE[language]).click()
    shown = page.locator("pre.code").last
    shown.wait_for()
    found: dict[str, Any] = json.loads(shown.inner_text())
    return found


def sent(site: Site, command: str) -> dict[str, Any]:
    """Return what the service answers to a curl command."""
    words = shlex.split(command)
    assert words[:2] == ["curl", "-s"]
    path = words[2].removeprefix(f"http://127.0.0.1:{site.port}")
    status, body = ask(site.port, "POST", path, json.loads(words[words.index("-d") + 1]))
    assert status == 200, body
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize("language", TITLES)
def test_the_command_gives_the_answer_that_the_page_shows(
    site: Site, tab: Tab, language: str
) -> None:
    page = tab.page
    for theme, width in (("light", 1440), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site.address}/choose?lang={language}&theme={theme}&to=/app/score")
        page.get_by_role("heading", level=1, name=TITLES[language]).wait_for()
        page.locator("pre.code").first.wait_for()
        picture(page, "score", language, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = answer_on(page, language)
    found = sent(site, page.locator("pre.code").first.inner_text())
    assert {**shown, **dict.fromkeys(OWN)} == {**found, **dict.fromkeys(OWN)}
    assert shown["recorded"] is False
    page.locator("details summary").first.press("Enter")
    page.get_by_role("cell", name=TABLE[language]).wait_for()
    assert tab.complaints == []
    assert tab.foreign == []


def test_the_answer_follows_what_is_said_and_done(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/score")
    command = page.locator("pre.code").first
    command.wait_for()
    before = command.inner_text()
    assert '"a0_number": 7.5' not in before
    page.get_by_label("A0 number").fill("7.5")
    command.filter(has_text='"a0_number": 7.5').wait_for()
    deeds = page.locator(".deed").count()
    page.get_by_role("button", name="Add an activity").click()
    page.locator(".deed").nth(deeds).wait_for()
    page.locator(".deed").last.get_by_label("Days ago").fill("3")
    page.get_by_role("button", name="Take away").first.click()
    page.locator(".deed").nth(deeds).wait_for(state="detached")
    page.get_by_label("Lead id").fill("L-17")
    command.filter(has_text='"lead_id": "L-17"').wait_for()
    page.get_by_label("Lead id").fill("")
    command.filter(has_text='"lead_id": "try-1"').wait_for()
    assert tab.complaints == []


def test_the_form_is_filled_by_the_keyboard_alone(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/score")
    page.locator("pre.code").first.wait_for()
    field = page.get_by_label("A0 number")
    page.get_by_label("Lead id").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("31")
    page.locator("pre.code").first.filter(has_text='"a0_number": 31').wait_for()


def test_an_example_is_a_lead_that_people_could_have_typed() -> None:
    bundle = make_bundle()
    space = bundle.manifest.space
    stored = bundle.golden.leads[0].record.attributes
    for name, value in stored.items():
        encoder = space.encoder(name)
        typed = specimen(encoder, value)
        assert not isinstance(typed, dict)
        if encoder.spec.type in ("number", "category", "boolean", "country", "tags", "job_title"):
            assert space.stored(name, typed) == value
    email = next(name for name in stored if name.endswith("email"))
    domain = stored[email]["domain"]  # type: ignore[index]
    assert specimen(space.encoder(email), stored[email]).endswith(f"@{domain}")


def test_examples_have_different_scores() -> None:
    from models.scorer import Scorer

    found = examples_of(Scorer(make_bundle()))
    scores = [one.score for one in found]
    assert len(found) == 3
    assert scores == sorted(scores, key=lambda score: score or 0)


def test_a_key_stands_in_the_command_as_a_variable() -> None:
    told = curl("http://h", {"lead_id": "L-1"}, language="zh", asks=True)
    assert shlex.split(told)[2] == "http://h/score?lang=zh"
    assert "X-API-Key: $LEAD_SCORING_KEY" in shlex.split(told)
