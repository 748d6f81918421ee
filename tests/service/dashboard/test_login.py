"""Who has a key, or a link that was never used, gets in, and sees what the key may do."""

import hashlib
import http.client
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from service.clock import utc_now
from service.keys import make, parser
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from tests.required import missing
from tests.service.dashboard.conftest import Site, Tab, waiting, watched
from tests.service.test_process import environment, free_port, wait_until_ready

SECRET = "a-secret-of-a-link-that-logs-in-once"
DIGEST = hashlib.sha256(SECRET.encode()).hexdigest()
SCOPES = {
    "looks": ("read",),
    "works": ("read,write",),
    "scores": ("score,write",),
    "agrees": ("read,agreement", "--role", "sales"),
    "pays": ("read,agreement", "--role", "marketing"),
}


class Closed(NamedTuple):
    """A service that asks for keys."""

    site: Site
    keys: dict[str, str]

    @property
    def link(self) -> str:
        return f"{self.site.address}/login#link={SECRET}"


@pytest.fixture(scope="module")
def closed(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    """Return a service that asks for keys, with leads that wait."""
    if importlib.util.find_spec("nicegui") is None:
        missing("needs the extra dashboard")
    folder = tmp_path_factory.mktemp("closed")
    port, url = free_port(), f"sqlite:///{folder / 'leads.db'}"
    keys = {name: a_key(url, name, *scopes) for name, scopes in SCOPES.items()}
    link = f"{DIGEST}.{round(time.time()) + 3600}"
    told = environment(port=port, artifacts=artifacts, database_url=url, login_link=link)
    process = subprocess.Popen([sys.executable, "-m", "service"], env=told)
    try:
        wait_until_ready(port, process)
        now = datetime.now(UTC)
        leads = [waiting(seed, now, now - timedelta(hours=1), "SQL") for seed in range(3)]
        send(port, keys["scores"], {"leads": leads})
        yield Closed(Site(port), keys)
    finally:
        process.terminate()
        assert process.wait(60) is not None


def a_key(url: str, name: str, *scopes: str) -> str:
    store = SqlStore(open_engine(read_url(url)))
    told = make(store, parser().parse_args(["make", name, "--scopes", *scopes]), utc_now)
    store.close()
    return told.splitlines()[1]


def send(port: int, key: str, body: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "X-API-Key": key}
    connection.request("POST", "/score/batch", json.dumps(body), headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


@pytest.fixture
def visitor(browser: Any, closed: Closed) -> Iterator[Tab]:
    """Return a page of somebody who was never here."""
    with browser.new_context(locale="en-GB") as context:
        yield watched(context.new_page(), closed.site)


def log_in(closed: Closed, page: Any, key: str) -> None:
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Log in").click()


def test_a_key_opens_where_somebody_wanted_to_go(closed: Closed, visitor: Tab) -> None:
    page = visitor.page
    page.goto(f"{closed.site.address}/funnel?days=30")
    assert "/app/login?to=" in page.url
    log_in(closed, page, closed.keys["works"])
    page.get_by_role("heading", level=1, name="Funnel and channels").wait_for()
    assert page.url == f"{closed.site.address}/funnel?days=30"
    assert closed.keys["works"] not in page.url
    assert (visitor.complaints, visitor.foreign) == ([], [])


@pytest.mark.parametrize(
    ("key", "why"), [("lsk_wrong", "is not known"), ("scores", "may not do that")]
)
def test_a_key_that_does_not_open_says_why(
    closed: Closed, visitor: Tab, key: str, why: str
) -> None:
    page = visitor.page
    page.goto(f"{closed.site.address}/")
    log_in(closed, page, closed.keys.get(key, key))
    page.get_by_role("alert").get_by_text(why).wait_for()
    page.goto(f"{closed.site.address}/")
    assert "/app/login" in page.url


def test_what_a_key_may_not_do_is_not_shown(closed: Closed, visitor: Tab) -> None:
    page = visitor.page
    page.goto(f"{closed.site.address}/")
    log_in(closed, page, closed.keys["looks"])
    page.locator(".rows > .lead").first.wait_for()
    assert page.get_by_role("button", name="Reject").count() == 0
    page.get_by_role("link", name="Log out").click()
    log_in(closed, page, closed.keys["works"])
    page.get_by_role("button", name="Reject").first.wait_for()


@pytest.mark.parametrize(("key", "may"), [("looks", False), ("agrees", False), ("pays", True)])
def test_marketing_alone_gives_costs_and_no_longer_after_logging_out(
    closed: Closed, visitor: Tab, key: str, may: bool
) -> None:
    page, address = visitor.page, closed.site.address
    page.goto(f"{address}/funnel")
    log_in(closed, page, closed.keys[key])
    page.get_by_text("For these months no costs are given.").wait_for()
    assert page.get_by_role("button", name="Upload costs").count() == may
    file = {"name": "c.csv", "mimeType": "text/csv", "buffer": b"channel,month\n"}
    if may:
        with page.expect_response(lambda answer: "/upload/" in answer.url) as sent:
            page.locator("input[type=file]").set_input_files(file)
        page.get_by_text("line 1: has no column 'amount'").wait_for()
        again = {"multipart": {"f": file | {"name": "d.csv"}}}
        assert page.request.post(sent.value.url, **again).status == 200
        page.context.clear_cookies()
        assert page.request.post(sent.value.url, **again).status == 403
    assert (visitor.complaints, visitor.foreign) == ([], [])


def test_after_logging_out_nobody_is_let_in(closed: Closed, visitor: Tab) -> None:
    page = visitor.page
    page.goto(f"{closed.site.address}/")
    log_in(closed, page, closed.keys["works"])
    page.get_by_role("heading", level=1, name="Today").wait_for()
    cookies = page.context.cookies()
    page.get_by_role("link", name="Log out").click()
    page.get_by_label("Key").wait_for()
    page.context.add_cookies(cookies)  # also who kept the cookie stays outside
    page.goto(f"{closed.site.address}/")
    assert "/app/login" in page.url


def test_a_link_opens_once_and_is_in_no_address(closed: Closed, visitor: Tab, browser: Any) -> None:
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(closed.link)
    page.get_by_role("heading", level=1, name="Today").wait_for()
    page.get_by_role("button", name="Reject").first.wait_for()
    assert [url for url in asked if SECRET in url.partition("#")[0]] == []
    signs_not(page, closed)
    page.goto(closed.link)  # who is in already just goes on
    page.get_by_role("heading", level=1, name="Today").wait_for()
    with browser.new_context(locale="en-GB") as context:
        other = context.new_page()
        other.goto(closed.link)
        other.get_by_role("alert").get_by_text("was used already").wait_for()
    assert (visitor.complaints, visitor.foreign) == ([], [])


def signs_not(page: Any, closed: Closed) -> None:
    """Make sure that who came by the link may draft, and signs for nobody."""
    page.goto(f"{closed.site.address}/agreement")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_text("The one-time link is of neither side").wait_for()
    page.get_by_text("one-time link, 2").wait_for()  # who drafted it, and when
    assert page.get_by_role("button", name="Sign for").count() == 0
