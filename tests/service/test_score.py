"""Promises of POST /score and POST /score/batch."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.sink import Decision, Pending
from tests.factories import make_request
from tests.service.conftest import NOW

FIELDS = [
    "lead_id",
    "scored_at",
    "probability",
    "score",
    "label",
    "grade",
    "qualification",
    "evidence",
    "basis",
    "degraded",
    "reasons",
    "ledger",
    "missing",
    "warnings",
    "unknown_attributes",
    "model_version",
    "agreement_version",
    "offered",
    "propensity",
    "arm",
    "decision_id",
    "recorded",
]


class KeptDecisions:
    """Keeps decisions in memory."""

    keeps = True
    durable = True
    waiting = 0

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def give(self, pending: Sequence[Pending]) -> None:
        for one in pending:
            self.decisions += one.decisions
            one.done.set_result(None)


def score(client: TestClient, body: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = client.post(f"/score{query}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_answer_has_every_field_of_the_contract(client: TestClient) -> None:
    found = score(client, make_request(1))
    assert list(found) == FIELDS
    assert found["lead_id"] == "L-1"
    assert found["scored_at"] == "2026-01-02T00:00:00Z"
    assert (found["basis"], found["degraded"]) == ("model", False)


def test_the_ledger_adds_up_to_the_score(client: TestClient) -> None:
    for seed in range(20):
        found = score(client, make_request(seed))
        assert round(sum(found["ledger"].values())) == found["score"]


def test_evidence_is_an_interval_of_a_share(client: TestClient) -> None:
    evidence = score(client, make_request(1))["evidence"]
    share = evidence["won"] / evidence["similar_leads"]
    assert 0.0 <= evidence["low"] <= share <= evidence["high"] <= 1.0


def test_a_batch_answers_each_lead_as_if_it_were_alone(client: TestClient) -> None:
    leads = [make_request(seed) for seed in range(12)]
    results = client.post("/score/batch", json={"leads": leads}).json()["results"]
    assert [item["status"] for item in results] == [200] * 12
    assert [item["answer"] for item in results] == [score(client, lead) for lead in leads]


def test_one_bad_lead_does_not_fail_the_others(client: TestClient) -> None:
    leads: list[Any] = [make_request(1), {"lead_id": ""}, 5, make_request(2), {"x": 1}]
    results = client.post("/score/batch", json={"leads": leads}).json()["results"]
    assert [item["status"] for item in results] == [200, 422, 422, 200, 422]
    assert results[1]["error"] == "SchemaError"
    assert results[1]["detail"].startswith("lead_id: ")
    assert results[3]["answer"]["lead_id"] == "L-2"


def test_an_empty_batch_has_an_empty_answer(client: TestClient) -> None:
    assert client.post("/score/batch", json={"leads": []}).json() == {"results": []}


def test_a_lead_with_an_id_alone_is_scored(client: TestClient) -> None:
    found = score(client, {"lead_id": "L-1"})
    assert len(found["missing"]) == 20
    assert found["label"] in ("nurture", "MQL", "SQL")


def test_unknown_attributes_are_ignored_and_named(client: TestClient) -> None:
    body = make_request(1)
    plain = score(client, body)
    body["attributes"]["shoe_size"] = 44
    found = score(client, body)
    assert found["unknown_attributes"] == ["shoe_size"]
    assert found["probability"] == plain["probability"]


def test_unreadable_values_count_as_missing_and_are_named(client: TestClient) -> None:
    body = make_request(1)
    body["attributes"]["a0_number"] = "many"
    found = score(client, body)
    assert found["missing"] == ["a0_number"]
    assert found["warnings"] == ["a0_number cannot be read and counts as missing"]
    del body["attributes"]["a0_number"]
    assert score(client, body)["probability"] == found["probability"]


@pytest.mark.parametrize(("name", "value"), [("shoe_size", 44), ("a0_number", "many")])
def test_a_strict_caller_is_refused_what_others_are_warned_of(
    client: TestClient, name: str, value: object
) -> None:
    body = make_request(1)
    body["attributes"][name] = value
    answer = client.post("/score?strict=true", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"attributes.{name}: ")
    items = client.post("/score/batch?strict=true", json={"leads": [body, make_request(2)]})
    assert [item["status"] for item in items.json()["results"]] == [422, 200]


def test_activities_after_the_moment_are_ignored_and_counted(client: TestClient) -> None:
    body = make_request(1)
    plain = score(client, body)
    later = {"kind": "demo_request", "occurred_at": "2026-01-01T00:00:01Z"}
    known_later = {"kind": "chat", "occurred_at": "2025-12-01", "recorded_at": "2026-02-01"}
    body["activities"] += [later, known_later]
    found = score(client, body)
    assert found["warnings"] == ["2 activities after as_of were ignored"]
    assert found["probability"] == plain["probability"]


def test_activities_of_unknown_kinds_are_ignored_and_named(client: TestClient) -> None:
    body = make_request(1)
    body["activities"].append({"kind": "fax", "occurred_at": "2025-12-01T00:00:00Z"})
    assert "kind fax" in score(client, body)["warnings"][0]


def test_without_a_moment_a_lead_is_looked_at_now(client: TestClient) -> None:
    body = make_request(1)
    body["as_of"] = NOW.isoformat()
    then = score(client, body)
    del body["as_of"]
    assert score(client, body) == then


def test_without_a_creation_date_the_lead_is_new(client: TestClient) -> None:
    body = make_request(1)
    body["created_at"] = body["as_of"]
    new = score(client, body)
    del body["created_at"]
    assert score(client, body) == new


def test_a_moment_without_zone_is_utc(client: TestClient) -> None:
    body = make_request(1)
    body["as_of"] = "2026-01-01T05:00:00"
    naive = score(client, body)
    body["as_of"] = "2026-01-01T13:00:00+08:00"
    assert score(client, body) == naive


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.5", "zh"),
        ("", "de,en;q=0.7,zh;q=0.3", "en"),
        ("", "", "en"),
        ("?lang=zh", "en", "zh"),
        ("?lang=en", "zh", "en"),
        ("?lang=fr", "", "en"),
    ],
)
def test_reasons_come_in_the_wanted_language(
    client: TestClient, query: str, header: str, language: str
) -> None:
    body = {"lead_id": "L-1"}
    answer = client.post(f"/score{query}", json=body, headers={"Accept-Language": header})
    texts = " ".join(reason["text"] for reason in answer.json()["reasons"])
    assert ("未知" in texts) == (language == "zh")


def test_the_previous_label_and_ids_are_taken(client: TestClient) -> None:
    body = make_request(1) | {"previous_label": "MQL", "account_id": "A-1", "contact_id": "C-1"}
    assert score(client, body)["label"] in ("nurture", "MQL", "SQL")


@pytest.fixture
def kept(settings: Settings) -> Iterator[tuple[TestClient, KeptDecisions]]:
    sink = KeptDecisions()
    with TestClient(create_app(settings, sink=sink, clock=lambda: NOW)) as client:
        yield client, sink


def test_every_decision_reaches_the_sink(kept: tuple[TestClient, KeptDecisions]) -> None:
    client, sink = kept
    client.post("/score", json=make_request(1), headers={"X-Request-ID": "crm-7"})
    client.post("/score/batch", json={"leads": [make_request(2), 5, make_request(3)]})
    assert [decision.record.lead_id for decision in sink.decisions] == ["L-1", "L-2", "L-3"]
    assert sink.decisions[0].context.request_id == "crm-7"
    assert sink.decisions[0].answer["lead_id"] == "L-1"


def test_the_model_says_what_it_is(client: TestClient) -> None:
    found = client.get("/model").json()
    assert (found["dataset"], found["version"], found["basis"]) == ("factory", "1", "model")
    assert len(found["attributes"]) == 20
    assert found["importances"][0]["mean_points"] >= found["importances"][-1]["mean_points"]


def test_the_examples_of_the_documentation_work(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    example = schemas["ScoreRequest"]["examples"][0]
    assert score(client, example)["lead_id"] == example["lead_id"]
    batch = schemas["BatchRequest"]["examples"][0]
    assert client.post("/score/batch", json=batch).json()["results"][0]["status"] == 200


def test_the_interactive_page_needs_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "//cdn" not in page
    for part in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert client.get(f"/static-offline-docs/{part}").status_code == 200
