"""`make bench-dashboard`: how long pages take, and what open ones cost `/score`.

The store is one that `python -m benchmarks.store --folder DIR` has filled; pages are looked at in
Chromium, each time by somebody whose browser was never here.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import servers, slowest
from benchmarks.client import Target, rate
from tests.factories import make_bundle, write_champion
from tests.service.dashboard.conftest import CHROMIUM, OPTIONS

PAGES = {
    "today": ("/", ".rows > .lead"),
    "today, page 150": ("/?page=150", ".rows > .lead"),
    "lead": ("/lead/L-00000000", ".card"),
    "funnel": ("/funnel?days=365", "table.plain"),
    "alignment": ("/alignment?days=365", ".card"),
    "agreement": ("/agreement", "table.plain"),
    "model": ("/model", "table.plain"),
    "score": ("/score", "form, .form"),
}
"""Address of each page, and what is there when it is drawn."""
USABLE = "() => window.did_handshake === true"
SESSIONS = 10
LOADS = {"mounted in the only process": 1, "pages beside two workers": 2}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dashboard", description=__doc__)
    parser.add_argument("--folder", type=Path, help="with the store; without it no page is timed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of asking /score at a time")
    asked = parser.parse_args(arguments)
    store: Path | None = asked.folder and asked.folder / "store.db"
    if store is not None and not store.exists():
        sys.stderr.write(f"error: no {store}: python -m benchmarks.store --folder DIR fills it\n")
        return 2
    say(f"{os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        bundle = make_bundle(trees=servers.TREES, leaves=servers.LEAVES)
        champion = write_champion(folder / "artifacts", bundle)
        artifacts = champion.parent.parent
        if store is not None:
            timed_pages(browser, folder, artifacts, store, asked.rounds)
        for title, workers in LOADS.items():
            rates = loaded(browser, folder, artifacts, workers, (asked.rounds, asked.seconds))
            closed, opened = (statistics.median(one) for one in rates)
            ratio = statistics.median(o / c for c, o in zip(*rates, strict=True))
            say(f"POST /score, {title}: {closed:,.0f} a second")
            say(f"  with {SESSIONS} pages open: {opened:,.0f} a second, {ratio:.2f} of it")
    return 0


@contextmanager
def chromium() -> Iterator[Any]:
    """Run a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def served(
    artifacts: Path, database: str, workers: int, notes: Path | None = None
) -> Iterator[tuple[Target, int]]:
    """Run the service; give where leads are scored, and the port of the pages."""
    target, beside = Target(servers.free_port(), "/score", servers.lead_body()), servers.free_port()
    env = {
        "LEAD_SCORING_ARTIFACTS": str(artifacts),
        "LEAD_SCORING_DATASET": "factory",
        "LEAD_SCORING_DATABASE_URL": database,
        "LEAD_SCORING_WORKERS": str(workers),
        "LEAD_SCORING_PORT": str(target.port),
        "LEAD_SCORING_DASHBOARD_PORT": str(beside),
    }
    noting = [] if notes is None else ["benchmarks.slowest", str(notes)]
    command = [sys.executable, "-m", *noting, "service"]
    with servers.running(command, target, env):
        yield target, target.port if workers == 1 else beside


def timed_pages(browser: Any, folder: Path, artifacts: Path, store: Path, rounds: int) -> None:
    """Print how long each page takes until it is drawn and answers, and its slowest query."""
    notes = folder / "statements"
    say(f"from the address to a page that is drawn and answers, median of {rounds}; slowest query")
    with served(artifacts, f"sqlite:///{store}", 1, notes) as (_, port):
        for name, (address, drawn) in PAGES.items():
            before = len(slowest.read(notes))
            took = []
            for _ in range(rounds):
                with browser.new_context(locale="en-GB") as context:
                    page, began = context.new_page(), perf_counter()
                    page.goto(f"http://127.0.0.1:{port}/app{address}", wait_until="commit")
                    page.locator(drawn).first.wait_for()
                    page.wait_for_function(USABLE)
                    took.append(perf_counter() - began)
            query, about = max(slowest.read(notes, before), default=(0.0, ""))
            page_ms = f"{1000 * statistics.median(took):>6,.0f} ms"
            say(f"  {name:<18} {page_ms}, first {1000 * took[0]:>6,.0f} ms; {query:.0f} ms {about}")


def loaded(
    browser: Any, folder: Path, artifacts: Path, workers: int, how: tuple[int, float]
) -> tuple[list[float], list[float]]:
    """Return the rates of `/score` without and with open pages, in turns."""
    rounds, seconds = how
    found: tuple[list[float], list[float]] = ([], [])
    database = f"sqlite:///{folder / f'of-{workers}.db'}"
    with served(artifacts, database, workers) as (target, port):
        rate(target, seconds)
        for _ in range(rounds):
            found[0].append(rate(target, seconds))
            with ExitStack() as stack:
                for _ in range(SESSIONS):
                    page = stack.enter_context(browser.new_context(locale="en-GB")).new_page()
                    page.goto(f"http://127.0.0.1:{port}/app/")
                    page.get_by_role("heading", level=1).wait_for()
                    page.wait_for_function(USABLE)
                found[1].append(rate(target, seconds))
    return found


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
