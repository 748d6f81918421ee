"""Marketing gives costs on the page, and sees what a win costs."""

import http.client
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from service.cost_file import MOST_BYTES
from service.dashboard.costs import money
from tests.service.dashboard.conftest import Site, Tab, picture

HEAD = "channel,month,amount\n"
BOUNDARY = "----costs"


def month() -> str:
    return f"{datetime.now(UTC):%Y-%m}"


def give(page: Any, text: str) -> None:
    file = {"name": "costs.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)


def upload_of(page: Any) -> str:
    """Return where the open page would send a file."""
    with page.expect_request(lambda request: "/upload/" in request.url) as sent:
        give(page, HEAD)
    page.get_by_text("line 2: expected a row below").wait_for()
    return str(urlsplit(sent.value.url).path)


def posted(site: Site, path: str, size: int, **headers: str) -> int:
    """Send a file without a browser, and return the status."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="c.csv"\r\n\r\n'
    body = head.encode() + b" " * size + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("POST", path, body, kind | headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_file_is_given_and_the_cost_of_a_win_is_seen(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/funnel")
    page.get_by_role("heading", name="What wins cost").wait_for()
    page.get_by_text("For these months no costs are given.").wait_for()
    shown = page.locator("pre.code").inner_text()
    assert shown.startswith(HEAD)
    name, other = (line.split(",")[0] for line in shown.splitlines()[1:])
    wrong = f"{HEAD}{name},{month()},-5\n"
    give(page, wrong)
    page.get_by_text("line 2, column 'amount': expected a number of at least 0").wait_for()
    assert page.get_by_text("For these months no costs are given.").is_visible()
    give(page, f"{HEAD}{name.upper()},{month()},60000\nTypo,{month()},10\n")
    page.get_by_text(f"Kept: 2 lines for {month()}.").wait_for()
    row = page.get_by_role("row").filter(has=page.get_by_text("60,000", exact=True))
    row.get_by_text(name, exact=True).wait_for()
    page.get_by_text(re.compile("are they written as in the leads.*typo")).wait_for()
    for channel, text in ((name, "60,000"), (other, "For these months no costs are given.")):
        page.goto(f"{site.address}/funnel?{urlencode({'channel': channel})}")
        page.get_by_text(text, exact=True).wait_for()
        assert page.get_by_text("60,010").count() == 0
    for language, title in (("en", "What wins cost"), ("zh", "赢单成本")):
        for theme, width in (("light", 1440), ("dark", 390)):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{site.address}/choose?lang={language}&theme={theme}&to=/app/funnel")
            page.get_by_role("heading", name=title).wait_for()
            page.get_by_text("60,010").first.wait_for()
            page.wait_for_load_state("networkidle")
            picture(page, "funnel-costs", language, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.complaints == []
    assert tab.foreign == []


def test_a_file_from_another_sites_page_or_too_large_is_refused(site: Site, tab: Tab) -> None:
    tab.page.goto(f"{site.address}/funnel")
    path = upload_of(tab.page)
    assert posted(site, path, 10) == 200
    assert posted(site, path, 10, Origin="https://elsewhere.example") == 403
    assert posted(site, path, 3_000_000) == 413
    assert MOST_BYTES < 3_000_000


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1234.5, "1,234"), (12.345, "12.35"), (0.0, "0"), (10.0, "10"), (99.999, "100.00")],
)
def test_amounts_have_cents_where_they_say_something(amount: float, text: str) -> None:
    assert money(amount) == text
