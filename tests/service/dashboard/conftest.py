"""A running service with leads in its store, and a real browser."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.factories import make_request
from tests.required import missing
from tests.rules.source import PROJECT
from tests.service.test_process import ask, environment, free_port, wait_until_ready

CHROMIUM = Path("/usr/bin/chromium")
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
LEADS = 60
PICTURES = PROJECT / "artifacts" / "screenshots"
"""Where the tests leave what they saw; in no version, and left there by `.ci/run`."""


class Site(NamedTuple):
    """Where the pages are."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/app"


@pytest.fixture(scope="session")
def site(artifacts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a service with leads that wait for sales."""
    if importlib.util.find_spec("nicegui") is None:
        missing("needs the extra dashboard")
    folder = tmp_path_factory.mktemp("dashboard")
    port = free_port()
    settings = {
        "port": port,
        "artifacts": artifacts,
        "database_url": f"sqlite:///{folder / 'leads.db'}",
        "crm_link": "https://crm.example/leads/{lead_id}",
    }
    process = subprocess.Popen([sys.executable, "-m", "service"], env=environment(**settings))
    try:
        wait_until_ready(port, process)
        fill(port)
        yield Site(port)
    finally:
        process.terminate()
        assert process.wait(60) is not None


def fill(port: int) -> None:
    """Let leads come in that wait for sales, some of which were answered."""
    now = datetime.now(UTC)
    leads = []
    for seed in range(LEADS):
        handed = now - timedelta(minutes=7 * seed)
        leads.append(waiting(seed, now, handed, "SQL" if seed % 3 else "MQL"))
    status, body = ask(port, "POST", "/score/batch", {"leads": leads})
    assert status == 200, body
    for seed in range(LEADS - 20, LEADS):
        told: dict[str, Any] = {"lead_id": f"L-{seed}", "accepted": seed % 2 == 0}
        told |= {} if told["accepted"] else {"code": ("no_budget", "no_need")[seed % 4 // 2]}
        contact = {"lead_id": f"L-{seed}", "means": "phone", "reached": seed % 2 == 0}
        assert ask(port, "POST", "/contacts", contact)[0] == 200
        assert ask(port, "POST", "/feedback", told)[0] == 200
        if told["accepted"]:
            outcome = "won" if seed % 4 == 0 else "opportunity"
            came = {"lead_id": f"L-{seed}", "outcome": outcome, "value": 1000.0 * seed}
            assert ask(port, "POST", "/outcomes", came)[0] in (200, 422)


def waiting(seed: int, now: datetime, handed: datetime, label: str) -> dict[str, Any]:
    """Return a lead that was handed over."""
    lead = make_request(seed)
    moved = now - datetime(2026, 1, 1, tzinfo=UTC)
    lead.pop("as_of", None)
    lead["created_at"] = shifted(lead["created_at"], moved)
    for activity in lead["activities"]:
        activity["occurred_at"] = shifted(activity["occurred_at"], moved)
    return lead | {"previous_label": label, "handed_over_at": handed.isoformat()}


def shifted(text: str, moved: timedelta) -> str:
    return (datetime.fromisoformat(text) + moved).isoformat()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Chromium; while it is driven an event loop runs, in which others cannot run theirs."""
    if importlib.util.find_spec("playwright") is None or not CHROMIUM.exists():
        missing("needs playwright and /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield running
        running.close()


class Tab(NamedTuple):
    """A page, and what it complained of and asked for."""

    page: Any
    complaints: list[str]
    foreign: list[str]


@pytest.fixture
def tab(browser: Any, site: Site) -> Iterator[Tab]:
    """Return a fresh page of somebody who reads English."""
    with browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai") as context:
        yield watched(context.new_page(), site)


def picture(page: Any, name: str, language: str, width: int) -> None:
    """Leave what a page looks like to whoever wants to see it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}-{language}-{width}.png"), full_page=True)


def watched(page: Any, site: Site) -> Tab:
    """Return a page that notes what it should not do."""
    told = Tab(page, [], [])
    own = (f"http://127.0.0.1:{site.port}/", f"ws://127.0.0.1:{site.port}/", "data:", "blob:")

    def complained(message: Any) -> None:
        if message.type == "error":
            told.complaints.append(message.text)

    def requested(request: Any) -> None:
        if not request.url.startswith(own):
            told.foreign.append(request.url)

    page.on("console", complained)
    page.on("pageerror", lambda error: told.complaints.append(str(error)))
    page.on("request", requested)
    page.set_default_timeout(30_000)
    return told
