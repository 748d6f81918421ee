"""Metrics, headers and logs say how the service does, and nothing of persons."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from service.logs import JsonLines, set_up_logs
from service.settings import Settings
from tests.service.store.test_decisions import body, rows, serving

MARK = "zq7marked"
MARKED = {
    "a14_email": f"{MARK}@firm-7.example",
    "phone": f"+1 202 555 0143 {MARK}",
    "name": MARK,
}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def figures(client: TestClient) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            found[(sample.name, *sample.labels.values())] = sample.value
    return found


def test_requests_scores_and_labels_are_counted(settings: Settings, url: str) -> None:
    with serving(settings, url) as client:
        label = client.post("/score", json=body(1)).json()["label"]
        client.post("/score", json=body(2, dry_run=True))
        client.post("/score", content=b"{")
        client.get("/leads/L-1")
        client.get("/nowhere/L-1")
        found = figures(client)
    count = "lead_scoring_requests_total"
    assert found[count, "POST", "/score", "200"] == 2
    assert found[count, "POST", "/score", "422"] == 1
    assert found[count, "GET", "/leads/{lead_id}", "200"] == 1
    assert found[count, "GET", "other", "404"] == 1
    assert found["lead_scoring_labels_total", label] == 1
    assert found[("lead_scoring_score_count",)] == 1
    assert found[("lead_scoring_ready",)] == 1
    assert found[("lead_scoring_request_seconds_count", "/score")] == 3


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Return what is logged."""
    root, own = logging.getLogger(), logging.getLogger("lead_scoring")
    before = (root.handlers[:], root.level, own.level)
    stream = io.StringIO()
    set_up_logs("debug", stream)
    yield stream
    root.handlers[:], root.level, own.level = before


def test_a_log_line_is_json_with_the_request_but_no_word_of_an_exception() -> None:
    try:
        raise ValueError(MARK)
    except ValueError:
        told = sys.exc_info()
    record = logging.LogRecord("lead_scoring", 40, "x.py", 1, "request failed", (), told)
    record.request_id = "crm-17"
    line = json.loads(JsonLines().format(record))
    assert (line["request_id"], line["level"], line["error"]) == ("crm-17", "error", "ValueError")
    assert MARK not in json.dumps(line)


def requests() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return requests to all that takes something, right and wrong, each with marked persons."""
    lead = body(1, attributes={**body(1)["attributes"], **MARKED})
    yield "POST", "/score", {"json": lead}
    yield "POST", "/score?strict=true", {"json": lead}
    yield "POST", "/score/batch", {"json": {"leads": [lead, {"lead_id": 7, "name": MARK}]}}
    yield "PUT", "/leads/L-1", {"json": {"attributes": MARKED}}
    yield "PUT", "/leads/L-1", {"json": {"attributes": {"name": {"first": MARK}}}}
    yield "POST", "/score", {"content": f'{{"lead_id": "{MARK}'}
    yield "POST", "/score", {"json": lead | {"created_at": MARK}}
    yield "POST", "/activities", {"json": {"lead_id": "L-1", "kind": MARK, "occurred_at": MARK}}
    yield "POST", "/feedback", {"json": {"lead_id": "L-1", "accepted": MARK}}
    yield "POST", "/outcomes", {"json": {"lead_id": "L-1", "outcome": MARK}}
    yield "POST", "/contacts", {"json": {"lead_id": "L-1", "means": MARK}}
    yield "GET", f"/worklist?label={MARK}", {}
    yield "GET", f"/leads/{MARK}", {}
    yield "GET", f"/decisions/{MARK}", {}
    yield "GET", f"/{MARK}", {}
    yield "GET", f"/statistics/funnel?since={MARK}", {}


def test_no_marked_person_is_found_in_logs_metrics_answers_or_the_store(
    settings: Settings, url: str, lines: io.StringIO
) -> None:
    with serving(settings, url) as client:
        for method, path, content in requests():
            answer = client.request(method, path, **content)
            assert answer.status_code < 500, (method, path)
            assert MARK not in answer.text, (method, path)
        metrics = client.get("/metrics").text
    assert MARK not in metrics
    assert MARK not in lines.getvalue()
    for table in ("leads", "attribute_values", "activities", "decisions", "audit", "requests"):
        assert MARK not in repr([tuple(row) for row in rows(url, f"SELECT * FROM {table}")])
