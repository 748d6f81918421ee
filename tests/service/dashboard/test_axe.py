"""Everybody can use the pages: axe-core finds nothing that hinders, and nothing jumps."""

import importlib.util
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import pytest

from service.dashboard.frame import PAGES
from tests.required import missing
from tests.service.dashboard.conftest import Site
from tests.service.dashboard.pictures import settle

ADDRESSES = {name: address for name, address, _ in PAGES} | {"lead": "/lead/L-2", "login": "/login"}
HINDERS = {"moderate", "serious", "critical"}
MOST_SHIFT = 0.1
"""What web.dev calls a good cumulative layout shift."""
WATCH = """window.shifted = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core's script."""
    if importlib.util.find_spec("axe_playwright_python") is None:
        missing("needs axe-playwright-python")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    with browser.new_context(locale="en-GB") as context:
        context.add_init_script(WATCH)
        yield context.new_page()


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1440), ("en", "dark", 390), ("zh", "light", 1440), ("zh", "dark", 390)],
)
def test_nothing_hinders_and_nothing_jumps(
    site: Site, page: Any, axe: str, name: str, language: str, theme: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    to = quote(f"/app{ADDRESSES[name]}", safe="")
    page.goto(f"{site.address}/choose?lang={language}&theme={theme}&to={to}")
    settle(page)
    assert page.evaluate("window.shifted") < MOST_SHIFT
    page.evaluate(axe)
    found = page.evaluate("axe.run(document)")["violations"]
    told = [
        f"{one['impact']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in HINDERS
    ]
    assert told == []
