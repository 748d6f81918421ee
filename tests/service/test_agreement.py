"""Which agreement decides, and when another one takes its place."""

import asyncio
import logging
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.errors import AgreementError, SignatureError
from models.agreement.signing import signed_text
from service.access.keyring import Keyring
from service.app import create_app
from service.clock import utc_now
from service.fresh import keep_fresh
from service.holder import ModelHolder, load_served
from service.parts import Parts
from service.settings import Settings
from service.sink import NullSink
from tests.factories import make_request
from tests.service.conftest import NOW

DAY = date(2026, 1, 2)
TEXT = """dataset = "factory"
version = "7"
[[icp.criteria]]
attribute = "a0_number"
at_least = 0
weight = 1
[[explicit_intent]]
activity = "demo_request"
within_days = 30
[[inquiry]]
activity = "form_submit"
[[disqualifiers]]
code = "competitor"
attribute = "a14_email"
domain_one_of = ["rival.example"]
[[disqualifiers]]
code = "existing_customer"
attribute = "customer"
is = true
[also_known]
attributes = ["customer"]
activities = ["upgrade"]
[lines]
mql = { probability = 0.0001 }
sql = { probability = 0.0002 }
[service.SQL]
first_contact_minutes = 60
[recycling]
sql_days = 30
"""
DEMO = {"kind": "demo_request", "occurred_at": "2025-12-30T00:00:00Z"}


def signed(text: str) -> str:
    for role in ("marketing", "sales"):
        text = signed_text(text, "a.toml", name="Kim", role=role, day=DAY)
    return text


class EnoughError(Exception):
    """Ends what would go on for ever."""


class Standing:
    """A clock that stands still."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Place:
    """A file of an agreement, and a service that looks at it."""

    def __init__(self, folder: Path, artifacts: Path, **settings: Any) -> None:
        self.path = folder / "agreement.toml"
        self.writes = 0
        self.settings = Settings(
            artifacts=artifacts, dataset="factory", agreement=self.path, **settings
        )
        self.holder = ModelHolder()

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")
        self.writes += 1
        os.utime(self.path, ns=(self.writes, self.writes))

    def load(self, text: str) -> None:
        self.write(text)
        self.holder.load(self.settings, DAY)
        assert self.holder.problem is None, self.holder.problem

    def refresh(self, day: date = DAY) -> str:
        self.holder.refresh_agreement(self.settings, day)
        return self.holder.served.agreement.version

    def client(self) -> TestClient:
        app = create_app(self.settings, holder=self.holder, clock=lambda: NOW)
        return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def place(tmp_path: Path, artifacts: Path) -> Place:
    return Place(tmp_path, artifacts)


def score(client: TestClient, **changes: Any) -> dict[str, Any]:
    body = make_request(1) | {"as_of": "2026-01-01T00:00:00Z"} | changes
    answer = client.post("/score", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_answer_says_why_it_has_its_label(place: Place) -> None:
    place.load(TEXT)
    client = place.client()
    found = score(client, activities=[DEMO])
    assert (found["label"], found["grade"], found["agreement_version"]) == ("SQL", "A-", "7")
    qualification = found["qualification"]
    assert qualification["rule"] == "SQL"
    assert qualification["action"] == "hand over to sales: contact within 60 minutes"
    chinese = client.post("/score?lang=zh", json=make_request(1)).json()["qualification"]
    assert chinese["action"].startswith(("移交销售", "由市场部培育", "由销售开发跟进"))
    bare = score(client, activities=[])
    assert bare["label"] == "nurture"
    assert "missing: Demo requested" in bare["qualification"]["rules"][1]["text"]


def test_the_caller_may_say_what_was_decided_before(place: Place) -> None:
    place.load(TEXT)
    client = place.client()
    before = {"previous_label": "SQL", "activities": [], "created_at": "2025-12-01T00:00:00Z"}
    held = score(client, handed_over_at="2025-12-20T00:00:00Z", **before)
    assert (held["label"], held["qualification"]["rule"]) == ("SQL", "handed_over")
    free = score(client, handed_over_at="2025-12-02T00:00:00Z", **before)
    assert (free["label"], free["qualification"]["rule"]) == ("nurture", "recycled")
    refused = client.post("/score", json=make_request(1) | {"handed_over_at": 5})
    assert refused.json()["detail"].startswith("handed_over_at: expected a date and time")


def test_what_only_the_agreement_knows_is_no_stranger(place: Place) -> None:
    place.load(TEXT)
    client = place.client()
    body = make_request(1)
    body["attributes"]["customer"] = "yes"
    body["activities"] = [{**DEMO, "kind": "upgrade"}]
    found = client.post("/score?strict=true", json=body).json()
    assert (found["label"], found["qualification"]["rule"]) == ("disqualified", "existing_customer")
    assert (found["unknown_attributes"], found["warnings"]) == ([], [])


def test_a_batch_labels_each_lead_as_if_it_were_alone(place: Place) -> None:
    place.load(TEXT)
    client = place.client()
    bodies = [make_request(seed) | {"previous_label": "SQL"} for seed in range(10)]
    results = client.post("/score/batch", json={"leads": bodies}).json()["results"]
    alone = [client.post("/score", json=body).json() for body in bodies]
    assert [item["answer"] for item in results] == alone


def test_the_agreement_is_served_in_words(place: Place) -> None:
    place.load(signed(TEXT))
    client = place.client()
    found = client.get("/agreement").json()
    assert (found["version"], found["unsigned"], found["not_signed_by"]) == ("7", False, [])
    assert [one["role"] for one in found["signatures"]] == ["marketing", "sales"]
    assert found["lines"] == {"mql": 0.0001, "sql": 0.0002}
    assert found["content"]["icp"]["criteria"][0]["condition"]["about"] == "a0_number"
    assert {
        "title": "Lines",
        "lines": [
            "MQL: a probability of 0.01 % or more",
            "SQL: a probability of 0.02 % or more",
        ],
    } in found["text"]
    chinese = client.get("/agreement?lang=zh").json()["text"]
    assert [len(part["lines"]) for part in chinese] == [len(p["lines"]) for p in found["text"]]


def test_a_new_version_decides_without_a_restart(place: Place) -> None:
    place.load(TEXT)
    assert place.refresh() == "7"
    place.write(TEXT.replace('"7"', '"8"').replace("0.0002", "0.9999"))
    assert place.refresh() == "8"
    assert place.holder.served.about["agreement"]["sql"] == 0.9999
    assert score(place.client(), activities=[DEMO])["label"] == "MQL"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[lines]", "[lines", "agreement.toml:23"),
        ('version = "7"', 'version = "8"\nvalid_from = 2026-02-01', "is valid from 2026-02-01 on"),
        ("weight = 1", "weight = 2", "version: version '7' decides already, with another content"),
        ('"factory"', '"other"', "is about the dataset 'other', the model about 'factory'"),
        ('"form_submit"', '"form_sent"', "no kind of activity 'form_sent'"),
        ("0.0001", "0.5", "the SQL line is not above"),
    ],
)
def test_a_bad_file_leaves_the_agreement_that_decides(
    place: Place, caplog: pytest.LogCaptureFixture, old: str, new: str, problem: str
) -> None:
    place.load(TEXT)
    client = place.client()
    before = client.get("/agreement").json()
    place.write(TEXT.replace(old, new))
    with caplog.at_level(logging.WARNING, "lead_scoring"):
        place.refresh()
    assert client.get("/agreement").json() == before
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["agreement_version"]) == (200, "7")
    assert problem in ready.json()["agreement_problem"]
    assert "agreement version 7 goes on to decide" in caplog.text
    place.write(TEXT)
    place.refresh()
    assert client.get("/health/ready").json()["agreement_problem"] is None


def test_a_file_that_vanishes_leaves_the_agreement_that_decides(place: Place) -> None:
    place.load(TEXT)
    place.path.unlink()
    assert place.refresh() == "7"
    assert "cannot be read" in str(place.holder.agreement_problem)


def test_an_agreement_decides_from_its_first_day_on(place: Place) -> None:
    place.load(TEXT)
    place.write(TEXT.replace('version = "7"', 'version = "8"\nvalid_from = 2026-02-01'))
    assert place.refresh(date(2026, 1, 31)) == "7"
    assert place.refresh(date(2026, 2, 1)) == "8"


def test_a_file_that_did_not_change_is_not_read_again(place: Place) -> None:
    place.load(TEXT)
    served = place.holder.served
    place.refresh()
    assert place.holder.served is served


def test_unsigned_agreements_decide_on_the_own_machine_only(
    tmp_path: Path, artifacts: Path
) -> None:
    own = Place(tmp_path, artifacts)
    own.load(TEXT)
    assert own.holder.served.agreed.unsigned
    assert own.client().get("/health/ready").json()["unsigned"] is True
    for settings in ({"host": "0.0.0.0"}, {"unsigned_agreement": "refuse"}):
        other = Place(tmp_path, artifacts, **settings)
        with pytest.raises(SignatureError, match="not signed by marketing and sales"):
            load_served(other.settings, DAY)
    allowed = Place(tmp_path, artifacts, host="0.0.0.0", unsigned_agreement="allow")
    assert load_served(allowed.settings, DAY).agreed.unsigned


def test_signed_agreements_decide_everywhere(tmp_path: Path, artifacts: Path) -> None:
    place = Place(tmp_path, artifacts, unsigned_agreement="refuse")
    place.load(signed(TEXT))
    assert place.holder.served.agreed.unsigned is False
    assert place.holder.served.warnings == ()
    place.write(signed(TEXT).replace("[lines]", "[lines] #").replace('"7"', '"8"'))
    assert place.refresh() == "7"
    assert "signed another content; expected " in str(place.holder.agreement_problem)


def test_signing_the_version_that_decides_takes_its_flag_away(place: Place) -> None:
    place.load(TEXT)
    assert place.holder.served.agreed.unsigned
    place.write(signed(TEXT))
    place.refresh()
    assert not place.holder.served.agreed.unsigned


def test_without_a_good_agreement_at_the_start_nothing_is_labelled(place: Place) -> None:
    place.write("dataset = ")
    place.holder.load(place.settings, DAY)
    assert not place.holder.ready
    assert "agreement.toml:1" in str(place.holder.problem)
    with pytest.raises(AgreementError, match=r"agreement\.toml:1"):
        load_served(place.settings, DAY)


def test_the_file_is_looked_at_after_each_pause(place: Place) -> None:
    place.load(TEXT)
    versions = []

    async def pause() -> None:
        versions.append(place.holder.served.agreement.version)
        if len(versions) == 3:
            raise EnoughError("enough")
        place.write(TEXT.replace('"7"', f'"{7 + len(versions)}"'))

    parts = Parts(place.settings, place.holder, NullSink(), utc_now)
    with pytest.raises(EnoughError, match="enough"):
        asyncio.run(keep_fresh(parts, Keyring(None, utc_now), pause))
    assert versions == ["7", "8", "9"]


def test_the_day_of_the_service_counts(place: Place) -> None:
    place.load(TEXT)
    place.write(TEXT.replace('version = "7"', 'version = "8"\nvalid_from = 2030-01-01'))

    async def pause() -> None:
        if place.holder.agreement_problem or place.holder.served.agreement.version == "8":
            raise EnoughError("enough")

    for year, version in ((2029, "7"), (2030, "8")):
        place.holder.agreement_problem = None
        first = datetime(year, 1, 1, tzinfo=UTC)
        parts = Parts(place.settings, place.holder, NullSink(), Standing(first))
        with pytest.raises(EnoughError, match="enough"):
            asyncio.run(keep_fresh(parts, Keyring(None, utc_now), pause))
        assert place.holder.served.agreement.version == version
