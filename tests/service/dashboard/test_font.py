"""Chinese is drawn by a font that was made for it."""

import shutil
import subprocess
from typing import Any

import pytest

from tests.required import missing
from tests.service.dashboard.conftest import Site, Tab

MADE_FOR_IT = ("CJK", "Han Sans", "WenQuanYi", "Noto Sans SC")


def installed() -> bool:
    """Return whether a font for Chinese is there."""
    if shutil.which("fc-list") is None:
        return False
    said = subprocess.run(
        ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
    )
    return any(name in said.stdout for name in MADE_FOR_IT)


def fonts_of(page: Any, selector: str) -> dict[str, int]:
    """Return which fonts of this machine draw an element, and how many of its characters."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["familyName"]: round(font["glyphCount"]) for font in used}


@pytest.mark.parametrize("selector", ["h1", "nav a", ".reasons li div"])
def test_a_font_for_chinese_draws_it(site: Site, tab: Tab, selector: str) -> None:
    if not installed():
        missing("needs a font for Chinese, such as that of the package fonts-noto-cjk")
    page = tab.page
    page.goto(f"{site.address}/choose?lang=zh&to=/app/")
    page.locator(selector).first.wait_for()
    fonts = fonts_of(page, selector)
    text = page.locator(selector).first.inner_text()
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in text)
    drawn = sum(n for name, n in fonts.items() if any(part in name for part in MADE_FOR_IT))
    assert chinese > 0
    assert drawn >= chinese
