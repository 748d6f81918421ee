"""`python -m tests.service.dashboard.pictures`: every page as a picture, from what is stored."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.dashboard.frame import PAGES
from service.launch import CHAMPION, environment
from tests.service.dashboard.conftest import CHROMIUM, OPTIONS
from tests.service.test_process import ask, free_port, wait_until_ready

FOLDER = Path("data/screenshots")
LANGUAGES = ("en", "zh")
SIZES = {1440: "light", 390: "dark"}
QUIET_MS = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the pictures")
    folder: Path = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    if not CHAMPION.exists():
        sys.stderr.write("error: there is no model yet: make run\n")
        return 2
    port = free_port()
    told = environment(HOST="127.0.0.1", PORT=port)
    service = subprocess.Popen([sys.executable, "-m", "service"], env=told)
    try:
        wait_until_ready(port, service)
        for written in pictures(port, folder):
            sys.stdout.write(f"{written}\n")
    finally:
        service.terminate()
        service.wait()
    return 0


def addresses(port: int) -> dict[str, str]:
    """Return where each page is; of leads the first one that waits."""
    waiting = json.loads(ask(port, "GET", "/worklist?limit=1")[1])["items"]
    found = {name: address for name, address, _ in PAGES}
    if waiting:
        found["lead"] = f"/lead/{quote(waiting[0]['lead_id'])}"
    return found


def pictures(port: int, folder: Path) -> Iterator[Path]:
    """Yield the pictures as they are written."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        for width, theme in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for language in LANGUAGES:
                for name, address in addresses(port).items():
                    to = quote(f"/app{address}", safe="")
                    chosen = f"/app/choose?lang={language}&theme={theme}&to={to}"
                    page.goto(f"http://127.0.0.1:{port}{chosen}")
                    settle(page)
                    path = folder / f"{name}-{language}-{width}.png"
                    page.screenshot(path=str(path), full_page=True)
                    yield path
        browser.close()


def settle(page: Any) -> None:
    """Wait until a page is drawn."""
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)


if __name__ == "__main__":
    sys.exit(main())
