"""People see the pages in their language, and nothing leaves the machine."""

import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.dashboard.today import ROWS
from tests.factories import make_request
from tests.service.dashboard.conftest import Site, Tab, picture, waiting
from tests.service.test_process import ask

PAGES = {"today": "/", "lead": "/lead/L-2", "funnel": "/funnel", "alignment": "/alignment"}
TITLES = {
    "en": {"today": "Today", "lead": "Lead", "funnel": "Funnel", "alignment": "Alignment"},
    "zh": {"today": "今日", "lead": "线索", "funnel": "漏斗与渠道", "alignment": "协同"},
}
WIDTHS = (1440, 390)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", TITLES)
def test_each_page_speaks_both_languages_and_asks_nobody_else(
    site: Site, tab: Tab, name: str, language: str
) -> None:
    page = tab.page
    to = f"/app{PAGES[name]}".replace("?", "%3F")
    for theme, width in (("light", WIDTHS[0]), ("dark", WIDTHS[1])):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site.address}/choose?lang={language}&theme={theme}&to={to}")
        page.get_by_role("heading", level=1, name=TITLES[language][name]).wait_for()
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        picture(page, name, language, width)
        assert wide <= width
    assert page.evaluate("document.documentElement.lang") == language
    assert tab.complaints == []
    assert tab.foreign == []


def items(site: Site) -> list[dict[str, Any]]:
    answer = json.loads(ask(site.port, "GET", "/worklist?limit=1000")[1])
    found: list[dict[str, Any]] = answer["items"]
    return found


def test_a_rejection_can_be_taken_back(site: Site, tab: Tab) -> None:
    before = len(items(site))
    page = tab.page
    page.goto(f"{site.address}/?label=SQL")
    row = page.locator(".rows > .lead").first
    row.get_by_role("button", name="Reject").click()
    page.get_by_role("menu").get_by_text("No budget").click()
    row.get_by_text("Rejected: No budget").wait_for()
    row.get_by_role("button", name="Undo").click()
    row.get_by_role("button", name="Accept").wait_for()
    assert len(items(site)) == before
    assert tab.complaints == []


def test_filters_and_pages_stand_in_the_address(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/")
    page.get_by_role("link", name="MQL", exact=True).click()
    page.wait_for_url(f"{site.address}/?label=MQL")
    assert page.locator(".tag.SQL").count() == 0
    page.goto(f"{site.address}/?page=2")
    page.get_by_text("Page 2 of").wait_for()


def test_the_list_comes_in_pages_from_the_server_each_lead_once(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/")
    seen: list[str] = []
    for number in range(1, 100):
        page.get_by_text(f"Page {number} of").wait_for()
        drawn = page.locator(".rows > .lead a.strong").all_inner_texts()
        assert 0 < len(drawn) <= ROWS
        seen += drawn
        if page.get_by_role("link", name="Next").count() == 0:
            break
        page.get_by_role("link", name="Next").click()
    waiting = [one["lead_id"] for one in items(site)]
    assert len(waiting) > ROWS
    assert sorted(seen) == sorted(waiting)
    assert tab.complaints == []


def test_another_sites_page_is_refused(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", "/app/", headers={"Origin": "https://elsewhere.example"})
    answer = connection.getresponse()
    policy = answer.getheader("content-security-policy") or ""
    connection.close()
    assert answer.status == 403
    assert "default-src 'none'" in policy


def test_a_rejection_of_today_is_seen_in_alignment(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/?label=SQL")
    row = page.locator(".rows > .lead").last
    lead = row.get_by_role("link").first.inner_text()
    row.get_by_role("link").first.click()
    page.get_by_role("heading", name="Why this label").wait_for()
    page.go_back()
    row = page.locator(".rows > .lead").filter(has=page.get_by_text(lead, exact=True))
    row.get_by_role("button", name="Reject").click()
    page.get_by_role("menu").get_by_text("Competitor").click()
    row.get_by_text("Rejected: Competitor").wait_for()
    deadline = time.monotonic() + 60
    while any(one["lead_id"] == lead for one in items(site)):
        assert time.monotonic() < deadline, "the verdict was not said"
        page.wait_for_timeout(200)
    page.get_by_role("link", name="Alignment").click()
    page.get_by_role("cell", name="Competitor").wait_for()
    assert tab.complaints == []
    assert tab.foreign == []


def test_every_link_of_the_frame_leads_to_a_page(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/funnel")
    for name in ("Today", "Funnel and channels", "Alignment"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", level=1, name=name).wait_for()
    page.get_by_role("link", name="30 days").click()
    page.wait_for_url(f"{site.address}/alignment?days=30")
    page.get_by_role("link", name="Dark").click()
    page.get_by_role("link", name="Light").wait_for()
    page.get_by_role("link", name="中文").click()
    page.get_by_role("heading", level=1, name="协同").wait_for()
    assert page.url == f"{site.address}/alignment?days=30"
    assert tab.complaints == []


def test_a_verdict_that_was_refused_is_told(site: Site, tab: Tab) -> None:
    now = datetime.now(UTC)
    lead = waiting(900, now, now, "SQL") | {"lead_id": "L-gone", "owner": "rep-gone"}
    assert ask(site.port, "POST", "/score", lead)[0] == 200
    page = tab.page
    page.goto(f"{site.address}/?owner=rep-gone")
    page.get_by_role("button", name="Accept").wait_for()
    assert ask(site.port, "DELETE", "/leads/L-gone")[0] == 204  # a verdict waits only seconds
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("alert").get_by_text("Not taken:").wait_for()


def test_a_channel_is_chosen_by_the_address(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/funnel")
    page.get_by_role("table").last.wait_for()
    every = page.locator("table.plain").last.get_by_role("row").count()
    chosen = page.locator(".filters").last.get_by_role("link").nth(1)
    name = chosen.inner_text()
    chosen.click()
    page.wait_for_url("**/funnel?days=90&channel=*")
    table = page.locator("table.plain").last
    table.get_by_role("cell", name=name).wait_for()
    assert table.get_by_role("row").count() == 2 < every
    page.get_by_role("link", name="30 days").click()
    page.wait_for_url("**/funnel?days=30&channel=*")


def test_where_sales_and_score_disagree_is_a_list_to_click(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/alignment")
    judged = page.locator(".card").filter(has_text="High score, rejected by sales")
    scores = [int(text) for text in judged.locator("li .strong").all_inner_texts()]
    assert scores == sorted(scores, reverse=True) != []
    judged.get_by_role("link").first.click()
    page.get_by_role("heading", level=1, name="Lead").wait_for()


def test_a_lead_says_what_would_change_its_label(site: Site, tab: Tab) -> None:
    lead = make_request(900) | {"lead_id": "L-changes"}
    assert ask(site.port, "POST", "/score", lead)[0] == 200
    found = json.loads(ask(site.port, "GET", "/leads/L-changes/changes")[1])
    assert found["changes"]
    page = tab.page
    page.goto(f"{site.address}/lead/L-changes")
    titled = page.get_by_role("heading", name="What would change the label")
    card = page.locator("section").filter(has=titled)
    card.wait_for()
    for one in found["changes"][:3]:
        assert one["text"] in card.inner_text()
    assert tab.complaints == []


def test_a_lead_shows_past_leads_like_it(site: Site, tab: Tab) -> None:
    then = datetime.now(UTC) - timedelta(days=100)
    won_at = (then + timedelta(days=5)).isoformat()
    like = {"lead_id": "L-like", "outcome": "won", "value": 100.0, "at": won_at}
    for lead in ("L-like", "L-liked"):
        scored = make_request(901) | {"lead_id": lead, "as_of": then.isoformat()}
        assert ask(site.port, "POST", "/score", scored)[0] == 200
    assert ask(site.port, "POST", "/outcomes", like)[0] == 200
    [*leads] = json.loads(ask(site.port, "GET", "/leads/L-liked/similar")[1])["leads"]
    assert leads[0]["lead_id"] == "L-like"
    page = tab.page
    page.goto(f"{site.address}/lead/L-liked")
    titled = page.get_by_role("heading", name="Similar past leads")
    card = page.locator("section").filter(has=titled)
    card.get_by_text(f"of these {len(leads)} were won within 90 days").wait_for()
    card.get_by_role("link", name="L-like", exact=True).click()
    page.wait_for_url(f"{site.address}/lead/L-like?episode=1")
    page.get_by_role("heading", name="Why this label").wait_for()
    assert tab.complaints == []


def test_an_attempt_is_logged_and_the_record_in_the_crm_is_a_link(site: Site, tab: Tab) -> None:
    now = datetime.now(UTC)
    lead = waiting(901, now, now, "SQL") | {"lead_id": "L-tried", "owner": "rep-tried"}
    assert ask(site.port, "POST", "/score", lead)[0] == 200
    page = tab.page
    page.goto(f"{site.address}/?owner=rep-tried")
    link = page.get_by_role("link", name="In the CRM")
    assert link.get_attribute("href") == "https://crm.example/leads/L-tried"
    page.get_by_role("button", name="Log attempt").click()
    page.get_by_text("Phone: reached", exact=True).click()
    page.get_by_text("Noted.").wait_for()
    page.reload()
    page.get_by_text("Attempts so far: 1").wait_for()
    page.goto(f"{site.address}/lead/L-tried")
    titled = page.get_by_role("heading", name="What people said and did")
    page.locator("section").filter(has=titled).get_by_text("Phone: reached").wait_for()
    assert tab.complaints == []
