"""Both teams look at their agreement, try a change, sign it and let it decide."""

import http.client
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.clock import utc_now
from service.keys import make, parser
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from tests.factories import make_request
from tests.required import missing
from tests.service.dashboard.conftest import Site, Tab, picture, waiting, watched
from tests.service.dashboard.test_login import send
from tests.service.test_process import environment, free_port, wait_until_ready

TITLES = {"en": "Agreement", "zh": "协议"}
TEXT = """dataset = "factory"
version = "7"
[[icp.criteria]]
attribute = "a0_number"
at_least = 20
weight = 2
[[icp.criteria]]
attribute = "a6_category"
one_of = ["Software", "Retail"]
weight = 1
[[intent.signals]]
activity = "demo_request"
points = 30
half_life_days = 14
[[inquiry]]
activity = "form_submit"
within_days = 90
[lines]
mql = { probability = 0.05 }
sql = { probability = 0.1 }
[service.SQL]
first_contact_minutes = 60
least_attempts = 6
"""


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    """Return the keys of two teams and of somebody who only looks; filled by `agreed`."""
    return {}


@pytest.fixture(scope="module")
def agreed(
    artifacts: Path, tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]
) -> Iterator[Site]:
    """Return a service whose agreement stands in a file, and that asks for keys."""
    if importlib.util.find_spec("nicegui") is None:
        missing("needs the extra dashboard")
    folder = tmp_path_factory.mktemp("agreed")
    url = f"sqlite:///{folder / 'leads.db'}"
    with closing(SqlStore(open_engine(read_url(url)))) as store:
        for name, scopes, role in (
            ("mara", "read,score,agreement", "--role=marketing"),
            ("sam", "read,write,agreement", "--role=sales"),
            ("ana", "read", "--role=analyst"),
        ):
            options = parser().parse_args(["make", name, f"--scopes={scopes}", role])
            keys[name] = make(store, options, utc_now).splitlines()[-1]
    (folder / "agreement.toml").write_text(TEXT, encoding="utf-8")
    port = free_port()
    settings = {
        "port": port,
        "artifacts": artifacts,
        "database_url": url,
        "agreement": folder / "agreement.toml",
    }
    process = subprocess.Popen([sys.executable, "-m", "service"], env=environment(**settings))
    try:
        wait_until_ready(port, process)
        yield Site(port)
    finally:
        process.terminate()
        assert process.wait(60) is not None


def entered(browser: Any, site: Site, key: str, path: str = "/app/agreement") -> Tab:
    """Return a page of somebody who has logged in."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    tab = watched(context.new_page(), site)
    tab.page.goto(f"{site.address}/login?to={path}")
    tab.page.get_by_label("Key").fill(key)
    tab.page.get_by_role("button", name="Log in").click()
    tab.page.get_by_role("heading", level=1, name=TITLES["en"]).wait_for()
    return tab


def version_that_answers(site: Site, key: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        body = json.dumps(make_request(1) | {"dry_run": True})
        connection.request("POST", "/score", body, {"X-API-Key": key})
        return str(json.loads(connection.getresponse().read())["agreement_version"])
    finally:
        connection.close()


def test_a_change_is_tried_signed_by_both_sides_and_answers(
    browser: Any, agreed: Site, keys: dict[str, str]
) -> None:
    assert version_that_answers(agreed, keys["mara"]) == "7"
    marketing = entered(browser, agreed, keys["mara"])
    page = marketing.page
    page.get_by_text("Nothing: the draft says what is in force.").wait_for()
    page.get_by_role("slider", name="SQL, %").locator("[tabindex]").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    page.get_by_text("SQL: a probability of 30 % or more").wait_for()
    page.get_by_text("past leads would change their label").wait_for()
    assert not page.get_by_text("0 of 100 past leads would change").is_visible()
    page.get_by_label("Version", exact=True).fill("autumn")
    page.get_by_label("Why", exact=True).fill("Sales had too many calls.")
    page.get_by_role("button", name="Keep as a draft").click()
    row = page.get_by_role("group", name="Version autumn")
    row.get_by_text("Sales had too many calls.").wait_for()
    assert row.get_by_role("button", name="Sign for sales").count() == 0
    row.get_by_label("Name").fill("Mara Stein")
    row.get_by_role("button", name="Sign for marketing").click()
    row.get_by_text("Mara Stein for marketing").wait_for()
    assert row.get_by_role("button", name="Let it decide").count() == 0
    assert version_that_answers(agreed, keys["mara"]) == "7"
    sales = entered(browser, agreed, keys["sam"])
    page = sales.page
    a_lead_is_rejected(page, agreed, keys["mara"])
    page.get_by_role("link", name="Agreement").click()
    row = page.get_by_role("group", name="Version autumn")
    row.get_by_role("button", name="Sign for sales").wait_for()
    assert row.get_by_role("button", name="Sign for marketing").count() == 0
    row.get_by_label("Name").fill("Sam Ode")
    row.get_by_role("button", name="Sign for sales").click()
    row.get_by_role("button", name="Let it decide").click()
    page.get_by_role("heading", name="In force: version autumn").wait_for()
    page.get_by_role("cell", name="Sales had too many calls.").wait_for()
    assert version_that_answers(agreed, keys["mara"]) == "autumn"
    assert marketing.complaints == sales.complaints == []
    assert marketing.foreign == sales.foreign == []


def a_lead_is_rejected(page: Any, site: Site, key: str) -> None:
    """Go from the work list by a lead to a verdict, and see it in Alignment."""
    now = utc_now()
    send(site.port, key, {"leads": [waiting(1, now, now - timedelta(hours=1), "SQL")]})
    page.get_by_role("link", name="Today").click()
    page.locator(".rows").get_by_role("link", name="L-1").click()
    page.get_by_role("heading", name="Why this label").wait_for()
    page.get_by_role("link", name="Today").click()
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("menu").get_by_text("Competitor").click()
    page.get_by_text("Rejected: Competitor").wait_for()
    page.get_by_role("link", name="Alignment").click()
    deadline = time.monotonic() + 60
    while page.get_by_role("cell", name="Competitor").count() == 0:
        assert time.monotonic() < deadline, "the verdict was not said"
        page.reload(wait_until="networkidle")


def test_who_may_only_look_sees_nothing_to_press(
    browser: Any, agreed: Site, keys: dict[str, str]
) -> None:
    tab = entered(browser, agreed, keys["ana"])
    page = tab.page
    page.get_by_text("This key may look and try, but not keep a draft.").wait_for()
    page.get_by_role("heading", name="History").wait_for()
    for name in ("Keep as a draft", "Sign for", "Let it decide"):
        assert page.get_by_role("button", name=name).count() == 0
    assert page.get_by_role("link", name="Score a lead").count() == 0
    page.goto(f"{agreed.address}/score")
    page.get_by_text("This key may not do that.").wait_for()
    assert tab.complaints == []


@pytest.mark.parametrize("language", TITLES)
def test_the_page_speaks_both_languages(site: Site, tab: Tab, language: str) -> None:
    page = tab.page
    for theme, width in (("light", 1440), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site.address}/choose?lang={language}&theme={theme}&to=/app/agreement")
        page.get_by_role("heading", level=1, name=TITLES[language]).wait_for()
        page.wait_for_load_state("networkidle")
        page.locator("table.plain").first.wait_for()
        picture(page, "agreement", language, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []
    assert tab.foreign == []
