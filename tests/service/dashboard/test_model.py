"""People look at the model, and ask that another version answers."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from features.moment import DAY, to_moment
from models.bundle.deployment import Deployment
from models.bundle.folder import ArtifactFolder
from models.bundle.request_folder import RequestFolder
from models.bundle.write import redeploy_bundle
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.tables import LEADS, SHADOWS
from tests.required import missing
from tests.service.dashboard.conftest import Site, Tab, picture
from tests.service.test_process import environment, free_port, wait_until_ready

TITLES = {"en": "Model", "zh": "模型"}
HEADINGS = {
    "en": ("Champion against challenger", "Reliability by channel", "Lift curve", "What matters"),
    "zh": ("冠军与挑战者", "各渠道的可靠性", "提升曲线", "影响因素"),
}
CHECK = {
    "name": "log loss",
    "result": "passed",
    "figures": {},
    "limit": 0.1,
    "sentence": "Is less.",
}


@pytest.fixture(scope="module")
def folder(trained_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> ArtifactFolder:
    """Return a folder with a trained champion and a challenger."""
    found = ArtifactFolder(tmp_path_factory.mktemp("trained_artifacts"))
    for version in ("1", "2"):
        told = Deployment(version, None, "2026-01-01T00:00:00+00:00", "passed", checks=(CHECK,))
        redeploy_bundle(trained_bundle, found.version("simulated", version), told)
    found.crown("simulated", "1")
    found.challenge("simulated", "2")
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the service's store."""
    return tmp_path_factory.mktemp("modelled")


@pytest.fixture(scope="module")
def modelled(folder: ArtifactFolder, place: Path) -> Iterator[Site]:
    """Return a service with them."""
    if importlib.util.find_spec("nicegui") is None:
        missing("needs the extra dashboard")
    port = free_port()
    settings = {
        "port": port,
        "artifacts": folder.folder,
        "database_url": f"sqlite:///{place / 'leads.db'}",
        "agreement": place / "agreement.toml",
    }
    lines = "lines = { mql = { lift = 1.5 }, sql = { lift = 3 } }"
    text = f'dataset = "simulated"\nversion = "1"\n{lines}\n'
    (place / "agreement.toml").write_text(text, encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-m", "service"], env=environment(**settings))
    try:
        wait_until_ready(port, process)
        yield Site(port)
    finally:
        process.terminate()
        assert process.wait(60) is not None


@pytest.mark.parametrize("language", TITLES)
def test_the_model_is_shown_in_both_languages(modelled: Site, tab: Tab, language: str) -> None:
    page = tab.page
    own = f"http://127.0.0.1:{modelled.port}/"
    for theme, width in (("light", 1440), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{modelled.address}/choose?lang={language}&theme={theme}&to=/app/model")
        page.get_by_role("heading", level=1, name=TITLES[language]).wait_for()
        for name in HEADINGS[language]:
            page.get_by_role("heading", name=name).wait_for()
        page.locator(".tag.state").first.wait_for()
        picture(page, "model", language, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("canvas").count() >= 5
    page.locator("details summary").first.press("Enter")
    assert page.locator("details[open] td").first.is_visible()
    assert tab.complaints == []
    assert [address for address in tab.foreign if not address.startswith((own, "ws"))] == []


def test_a_promotion_is_asked_for_and_left_to_training(
    modelled: Site, tab: Tab, folder: ArtifactFolder
) -> None:
    page = tab.page
    page.goto(f"{modelled.address}/model")
    assert page.get_by_label("Version", exact=True).input_value() == "2"
    page.get_by_label("Why", exact=True).fill("It ranks better.")
    page.get_by_role("button", name="Ask for it").click()
    page.locator(".version").get_by_text("It ranks better.").wait_for()
    found = RequestFolder(folder, "simulated").open()
    assert [(one.action, one.version, one.reason) for one in found] == [
        ("promote", "2", "It ranks better.")
    ]
    page.get_by_role("button", name="Ask for it").click()
    page.get_by_text("expected one of 1 to").wait_for()
    assert tab.complaints == []


def test_the_challenger_is_compared_on_what_was_answered(
    modelled: Site, tab: Tab, place: Path
) -> None:
    page = tab.page
    page.goto(f"{modelled.address}/model")
    page.get_by_text("No decision was compared during this time.").wait_for()
    store = SqlStore(open_engine(read_url(f"sqlite:///{place / 'leads.db'}")))
    store.changing(compared)
    store.close()
    for language, told in (("zh", "1 个决定（50.0 %）。"), ("en", "1 decisions (50.0 %).")):
        page.set_viewport_size({"width": 390 if language == "zh" else 1440, "height": 900})
        page.goto(f"{modelled.address}/choose?lang={language}&theme=dark&to=/app/model")
        page.get_by_text(told).wait_for()
        page.get_by_text("nurture (40) → SQL (60)").or_(
            page.get_by_text("nurture（40）→ SQL（60）")
        ).wait_for()
        picture(page, "shadow", language, page.viewport_size["width"])
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.get_by_role("cell", name="1.50 ms").first.wait_for()
    page.get_by_role("link", name="S-0").click()
    page.wait_for_url(f"{modelled.address}/lead/S-0?episode=1")
    assert tab.complaints == []


def compared(connection: Connection) -> None:
    """Keep two decisions that a challenger has scored as well; one of them differs."""
    now = to_moment(datetime.now(UTC))
    for number, label in enumerate(("SQL", "nurture")):
        lead = {"lead_id": f"S-{number}", "episode": 1}
        own = {"created_at": now - DAY, "attributes": "{}", "outcome": "won", "outcome_at": now}
        connection.execute(insert(LEADS).values(**lead, **own))
        said = {"probability": 0.2, "score": 40, "label": "nurture"}
        other = {"probability": 0.4, "score": 60, "label": label}
        row = {f"champion_{name}": value for name, value in ({"version": "1"} | said).items()}
        row |= {f"challenger_{name}": value for name, value in ({"version": "2"} | other).items()}
        row |= {"as_of": now - DAY, "decided_at": now - DAY, "decision_id": f"d-{number}"}
        row |= {"champion_us": 900, "challenger_us": 1500}
        connection.execute(insert(SHADOWS).values(**lead, **row))


def test_an_old_bundle_says_what_it_lacks(site: Site, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{site.address}/model")
    page.get_by_text("This bundle says nothing of it: train anew.").wait_for()
    page.get_by_role("heading", name="What matters").wait_for()
    assert tab.complaints == []
