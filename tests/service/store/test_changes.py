"""What would change a label, as the way of `/score` says it."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.settings import Settings
from tests.factories import make_bundle, write_champion
from tests.service.store.test_decisions import body, counts, serving
from tests.service.test_agreement import DEMO, TEXT

TOLD = ("label", "grade", "score")
FITS = {"a0_number": 5.0, "a14_email": "kim@firm-7.example"}


@pytest.fixture
def agreed(tmp_path: Path) -> Settings:
    """Return settings with one criterion of fit, one explicit intent, and lines to cross."""
    return agreed_by(tmp_path, TEXT.replace("0.0001", "0.15").replace("0.0002", "0.25"))


@pytest.fixture
def without_lines(tmp_path: Path) -> Settings:
    """Return settings with an agreement whose lines everybody is over."""
    return agreed_by(tmp_path, TEXT)


def agreed_by(tmp_path: Path, text: str) -> Settings:
    write_champion(tmp_path / "bundles", make_bundle(trees=20))
    (tmp_path / "agreement.toml").write_text(text, encoding="utf-8")
    return Settings(
        artifacts=tmp_path / "bundles", dataset="factory", agreement=tmp_path / "agreement.toml"
    )


def changes(client: TestClient, lead_id: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/leads/{lead_id}/changes", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_each_change_gives_the_label_that_it_names(agreed: Settings, url: str) -> None:
    told = 0
    with serving(agreed, url) as client:
        for seed in range(6):
            attributes = dict(list(body(seed)["attributes"].items())[2 * seed :])
            known = body(seed, attributes=attributes, lead_id=f"L-{seed}")
            client.post("/score", json=known)
            for one in changes(client, f"L-{seed}")["changes"]:
                ask: dict[str, Any] = {"lead_id": f"L-{seed}", "dry_run": True}
                if one["what"] == "attribute":
                    ask["attributes"] = {one["about"]: one["value"]}
                elif one["what"] == "activity":
                    at = "2026-01-02T00:00:00Z"
                    ask["activities"] = [{"kind": one["about"], "occurred_at": at}]
                else:
                    continue
                answer = client.post("/score", json=ask).json()
                assert {name: answer[name] for name in TOLD} == {name: one[name] for name in TOLD}
                told += 1
    assert told > 20


def test_a_lead_that_fits_lacks_nothing_but_to_ask(agreed: Settings, url: str) -> None:
    with serving(agreed, url) as client:
        client.post("/score", json=body(1, attributes=FITS, activities=[]))
        found = changes(client, "L-1")
        chinese = changes(client, "L-1", lang="zh")
    assert found["label"] == "nurture"
    assert [(one["about"], one["label"]) for one in found["changes"]] == [
        ("form_submit", "MQL"),
        ("demo_request", "MQL"),
    ]
    assert found["changes"][1]["text"] == "Demo requested, now"
    assert chinese["changes"][1]["text"] != found["changes"][1]["text"]


def test_what_is_missing_and_decides_is_named_with_a_value(
    without_lines: Settings, url: str
) -> None:
    sent = {"a14_email": "kim@rival.example"}
    with serving(without_lines, url) as client:
        client.post("/score", json=body(1, attributes={}, activities=[DEMO]))
        unknown = changes(client, "L-1")
        client.post("/score", json=body(2, attributes=sent, activities=[DEMO]))
        rival = changes(client, "L-2")
    assert {"a0_number"} <= {one["about"] for one in unknown["changes"]}
    assert (rival["label"], rival["changes"]) == ("disqualified", [])


def test_the_day_is_named_on_which_sales_have_left_it_too_long(
    without_lines: Settings, url: str
) -> None:
    asked = body(1, attributes=FITS, activities=[DEMO])
    with serving(without_lines, url) as client:
        assert client.post("/score", json=asked).json()["label"] == "SQL"
        [over] = [one for one in changes(client, "L-1")["changes"] if one["what"] == "time"]
    assert (over["at"], over["label"]) == ("2026-02-01T00:00:00Z", "nurture")  # sql_days = 30
    assert over["text"] == "Nothing more is heard for 30 days"


def test_nothing_of_what_might_be_is_kept(agreed: Settings, url: str) -> None:
    with serving(agreed, url) as client:
        client.post("/score", json=body(1, attributes=FITS, activities=[]))
        before = counts(url)
        changes(client, "L-1")
        assert counts(url) == before
        assert client.get("/leads/other/changes").status_code == 404
