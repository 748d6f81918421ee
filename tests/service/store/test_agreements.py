"""An agreement is drafted, signed by both sides and activated over HTTP; old ones stay."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.keys import main
from service.settings import Settings
from tests.service.conftest import NOW
from tests.service.store.test_decisions import body, rows, serving
from tests.service.test_agreement import DEMO, TEXT, signed

OTHER = TEXT.replace('version = "7"', 'version = "8"').replace("0.0002", "0.99")


def posted(client: TestClient, path: str, said: Any = None, status: int = 200) -> dict[str, Any]:
    answer = client.post(path, json=said)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sign_both(client: TestClient, version: str) -> dict[str, Any]:
    for role in ("marketing", "sales"):
        last = posted(client, f"/agreements/{version}/sign", {"role": role, "name": "Kim"})
    return last


def activated(client: TestClient, text: str, version: str) -> None:
    posted(client, "/agreements", {"agreement": text})
    sign_both(client, version)
    posted(client, f"/agreements/{version}/activate")


def test_an_agreement_decides_once_both_sides_have_signed(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        draft = posted(client, "/agreements", {"agreement": TEXT, "why": " Too many leads. "})
        assert (draft["state"], draft["not_signed_by"]) == ("draft", ["marketing", "sales"])
        assert draft["why"] == "Too many leads."
        early = posted(client, "/agreements/7/activate", status=409)
        assert early["detail"] == "version: is not signed by marketing and sales"
        assert sign_both(client, "7")["state"] == "signed"
        again = posted(client, "/agreements/7/sign", {"role": "sales", "name": "Kim"}, status=409)
        assert "sales" in again["detail"]
        assert posted(client, "/score", body(1))["agreement_version"] != "7"
        assert posted(client, "/agreements/7/activate")["state"] == "active"
        assert posted(client, "/score", body(1))["agreement_version"] == "7"
        shown = client.get("/agreement").json()
        assert (shown["version"], shown["unsigned"]) == ("7", False)
    with serving(settings, url) as client:  # after a restart, too
        assert client.get("/agreement").json()["version"] == "7"
    log = [row[0] for row in rows(url, "SELECT what FROM audit ORDER BY number")]
    assert log == ["agreement drafted", *["agreement signed"] * 2, "agreement activated"]


def test_old_agreements_stay_and_their_decisions_come_out_again(
    settings: Settings, url: str
) -> None:
    with serving(settings, url) as client:
        before = posted(client, "/score", body(2))
        activated(client, TEXT, "7")
        first = posted(client, "/score", body(1, activities=[DEMO]))
        assert first["label"] == "SQL"
        activated(client, OTHER, "8")
        second = posted(client, "/score", body(3, activities=[DEMO]))
        assert second["agreement_version"] == "8"
        for one in (before, first, second):
            found = posted(client, f"/decisions/{one['decision_id']}/replay")
            assert (found["equal"], found["agreement_version"]) == (True, one["agreement_version"])
        path = f"/decisions/{first['decision_id']}/replay?agreement=8"
        under = posted(client, path)
        assert [one["place"] for one in under["differences"]] == ["label"]
        kept = client.get(f"/decisions/{first['decision_id']}").json()
        assert kept["answer"]["label"] == "SQL"
        states = {a["version"]: a["state"] for a in client.get("/agreements").json()["agreements"]}
        assert states == {"8": "active", "7": "past"}
        history = client.get("/agreements/8/history").json()
        assert (history["decisions"], history["skipped"]) == (3, 0)
        moved = {one["lead_id"]: (one["was"], one["now"]) for one in history["changed"]}
        assert moved["L-1"][0] == "SQL"


def test_another_service_takes_it_up(settings: Settings, url: str) -> None:
    from service.holder import ModelHolder
    from service.store.database import open_engine, read_url
    from service.store.sql import SqlStore

    store = SqlStore(open_engine(read_url(url)))
    other = ModelHolder(store)
    other.load(settings, NOW.date())
    with serving(settings, url) as client:
        activated(client, TEXT, "7")
    other.refresh_agreement(settings, NOW.date())
    assert other.served.agreement.version == "7"
    store.close()


def test_an_agreement_from_a_file_is_kept_and_another_is_activated_over_it(
    settings: Settings, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "agreement.toml"
    path.write_text(signed(TEXT), encoding="utf-8")
    own = settings.model_copy(update={"agreement": path})
    with serving(own, url) as client:
        first = posted(client, "/score", body(1, activities=[DEMO]))
        [kept] = client.get("/agreements").json()["agreements"]
        assert (kept["version"], kept["state"], kept["created_by"]) == ("7", "active", "file")
        activated(client, OTHER, "8")
        assert client.get("/agreement").json()["version"] == "8"
        assert posted(client, f"/decisions/{first['decision_id']}/replay")["equal"] is True


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        (TEXT.replace("factory", "other"), 422, "is 'other', the model is about 'factory'"),
        (TEXT.replace("lines", "lanes"), 422, "draft:"),
        (signed(TEXT).replace("weight = 1", "weight = 2"), 422, "signed another content"),
        (TEXT.replace("weight = 1", "weight = 2"), 409, "stands for another content"),
    ],
)
def test_what_is_wrong_with_a_draft_is_told(
    settings: Settings, tmp_path: Path, text: str, status: int, message: str
) -> None:
    with serving(settings, f"sqlite:///{tmp_path / 'store.db'}") as client:
        for _ in range(2):  # the same twice is the same draft
            posted(client, "/agreements", {"agreement": TEXT})
        said = posted(client, "/agreements", {"agreement": text}, status=status)
        assert message in said["detail"]
        posted(client, "/agreements/9/sign", {"role": "sales", "name": "Kim"}, status=404)
        posted(client, "/agreements/9/activate", status=404)


def test_a_key_signs_for_its_own_side(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("LEAD_SCORING_DATABASE_URL", url)
    headers = {}
    for role in ("marketing", "sales"):
        made = ["make", f"{role}-key", "--scopes", "agreement", "--role", role]
        assert main(made, lambda: NOW) == 0
        headers[role] = {"X-API-Key": capsys.readouterr().out.splitlines()[1]}
    with serving(settings, url) as client:
        mine = headers["marketing"]
        assert client.post("/agreements", json={"agreement": TEXT}).status_code == 401
        assert client.post("/agreements", json={"agreement": TEXT}, headers=mine).status_code == 200
        said = {"role": "sales", "name": "Kim"}
        refused = client.post("/agreements/7/sign", json=said, headers=mine)
        assert (refused.status_code, refused.json()["error"]) == (403, "ForbiddenError")
        signs = client.post("/agreements/7/sign", json=said, headers=headers["sales"])
        assert signs.json()["not_signed_by"] == ["marketing"]
    by = [tuple(row) for row in rows(url, "SELECT what, who FROM audit ORDER BY number")]
    assert by == [("agreement drafted", "marketing-key"), ("agreement signed", "sales-key")]
