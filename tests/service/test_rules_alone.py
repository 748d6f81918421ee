"""While no bundle can be used, the agreement's rules answer; a usable one takes over."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.api.schemas import BatchAnswer, ScoreAnswer
from service.app import create_app
from service.holder import ModelHolder
from service.settings import Settings
from tests.factories import make_bundle, make_request, write_champion
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving
from tests.service.test_agreement import DEMO, TEXT

FITS = {"a0_number": 5.0, "a14_email": "kim@firm-7.example"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose only bundle is damaged."""
    write_champion(tmp_path / "bundles", make_bundle(n_leads=300, trees=2))
    [champion] = (tmp_path / "bundles").rglob("model.txt")
    champion.write_text("no model", encoding="utf-8")
    (tmp_path / "agreement.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def settings_of(folder: Path, **more: Any) -> Settings:
    return Settings(
        artifacts=folder / "bundles", dataset="factory", agreement=folder / "agreement.toml", **more
    )


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    """Return a client of a service without a usable model."""
    app = create_app(settings_of(folder), clock=lambda: NOW)
    with TestClient(app, raise_server_exceptions=False) as one:
        yield one


def lead(**more: Any) -> dict[str, Any]:
    return make_request(1) | {"attributes": FITS, "activities": [DEMO]} | more


def test_the_rules_answer_in_the_form_of_a_model(client: TestClient) -> None:
    answer = client.post("/score", json=lead())
    assert answer.status_code == 200, answer.text
    told = ScoreAnswer.model_validate(answer.json())
    assert (told.basis, told.degraded, told.label) == ("rules", True, "SQL")
    assert (told.probability, told.score, told.ledger, told.evidence) == (None,) * 4
    assert (told.recorded, told.decision_id, told.model_version) == (False, None, None)
    assert "no model answers" in told.warnings[0]


def test_disqualifiers_and_missing_intent_count_without_a_model(client: TestClient) -> None:
    rival = lead(attributes=FITS | {"a14_email": "kim@rival.example"})
    labels = [
        client.post("/score", json=one).json()["label"]
        for one in (rival, lead(activities=[]), lead(attributes={"a0_number": -1.0}))
    ]
    assert labels == ["disqualified", "nurture", "nurture"]


def test_a_batch_is_answered_and_ready_says_why(client: TestClient) -> None:
    found = client.post("/score/batch", json={"leads": [lead(), {"lead_id": 7}]})
    told = BatchAnswer.model_validate(found.json())
    assert [item.status for item in told.results] == [200, 422]
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "rules")
    assert "model.txt" in ready.json()["problem"]
    assert "lead_scoring_degraded_total 1.0" in client.get("/metrics").text


def test_503_instead_where_the_settings_say_so(folder: Path) -> None:
    refusing = settings_of(folder, without_model="refuse")
    with TestClient(create_app(refusing, clock=lambda: NOW)) as one:
        answer = one.post("/score", json=lead())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert one.get("/health/ready").status_code == 503


def test_no_decision_without_a_model_is_kept(folder: Path) -> None:
    url = f"sqlite:///{folder / 'store.db'}"
    with serving(settings_of(folder), url) as one:
        assert one.post("/score", json=body(1)).json()["recorded"] is False
        assert one.put("/leads/L-1", json={"attributes": FITS}).json()["degraded"]
    assert rows(url, "SELECT count(*) FROM decisions")[0][0] == 0


def test_a_usable_bundle_takes_over(folder: Path) -> None:
    settings, holder = settings_of(folder), ModelHolder()
    holder.load(settings, NOW.date())
    assert holder.degraded
    write_champion(settings.artifacts, make_bundle(n_leads=300, trees=2, version="2"))
    holder.refresh_model(settings, NOW.date())
    assert not holder.degraded
    assert holder.served.model_version == "2"


def test_a_changed_agreement_counts_without_a_model(folder: Path) -> None:
    settings, holder = settings_of(folder), ModelHolder()
    holder.load(settings, NOW.date())
    (folder / "agreement.toml").write_text(TEXT.replace('"7"', '"8"'), encoding="utf-8")
    holder.refresh_agreement(settings, NOW.date())
    assert holder.answering.agreement.version == "8"
