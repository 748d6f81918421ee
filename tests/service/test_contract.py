"""Whatever is sent, the service answers as its OpenAPI document says, and never with a 500."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from service.app import create_app
from service.holder import ModelHolder
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from service.store.writer import GroupWriter
from tests.service.conftest import NOW
from tests.service.store.conftest import postgres, url  # noqa: F401
from tests.service.store.test_decisions import body
from tests.service.test_agreement import TEXT

EXAMPLES = int(os.environ.get("LEAD_SCORING_FUZZ_EXAMPLES", "12"))
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TOLD: dict[str, dict[str, Any]] = {
    "/contacts": {"means": "phone", "reached": True},
    "/feedback": {"accepted": False, "code": "no_budget"},
    "/outcomes": {"outcome": "won", "value": 100.0},
}


@pytest.fixture
def described(artifacts: Path, url: str) -> Iterator[Any]:  # noqa: F811
    """Return the description of a running service that has stored something."""
    own = Settings(artifacts=artifacts, dataset="factory")
    store = SqlStore(open_engine(read_url(url)))
    holder = ModelHolder(store)
    holder.load(own, NOW.date())
    writer = GroupWriter(store)
    app = create_app(own, holder=holder, sink=writer, store=store, clock=lambda: NOW)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    with TestClient(app, raise_server_exceptions=False) as client:
        for seed in range(3):
            assert client.post("/score", json=body(seed)).status_code == 200
        for path, said in TOLD.items():
            told = client.post(path, json={"lead_id": body(0)["lead_id"], **said})
            assert told.status_code == 200, told.text
        assert client.post("/agreements", json={"agreement": TEXT}).status_code == 200
        yield schema
    writer.close()


def test_every_answer_is_what_the_description_says(described: Any) -> None:
    problems = {}
    for operation in described.get_all_operations():
        found = tried(operation.ok())
        if found is not None:
            problems[operation.ok().label] = found
    assert problems == {}


def tried(operation: Any) -> str | None:
    """Return what is wrong with the answers of one route; None where nothing is."""

    @given(case=operation.as_strategy())
    @hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def try_it(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    try:
        try_it()
    except (FailureGroup, Failure) as error:
        return "; ".join(str(one) for one in getattr(error, "exceptions", [error]))
    return None


def test_every_answer_of_every_route_is_described(described: Any) -> None:
    schemas = described.raw_schema["components"]["schemas"]
    found = {
        f"{method} {path}": answer["content"]["application/json"]["schema"]
        for path, operations in described.raw_schema["paths"].items()
        for method, operation in operations.items()
        for code, answer in operation["responses"].items()
        if code.startswith("2") and "application/json" in answer.get("content", {})
    }
    assert len(found) > 25
    for route, schema in found.items():
        assert set(schema) == {"$ref"}, route
        assert schemas[schema["$ref"].rsplit("/", 1)[1]]["properties"], route


def test_answers_about_what_is_stored_are_as_described(described: Any) -> None:
    lead_id = body(0)["lead_id"]
    lead = {"lead_id": lead_id}
    found = described["/leads/{lead_id}"]["get"].Case(path_parameters=lead).call()
    decision = {"decision_id": found.json()["decision_id"]}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("get", "/leads/{lead_id}", {"path_parameters": lead}),
        ("get", "/leads/{lead_id}/changes", {"path_parameters": lead}),
        ("get", "/leads/{lead_id}/similar", {"path_parameters": lead}),
        ("get", "/leads/{lead_id}/export", {"path_parameters": lead}),
        ("get", "/decisions/{decision_id}", {"path_parameters": decision}),
        ("post", "/decisions/{decision_id}/replay", {"path_parameters": decision}),
        ("post", "/agreement/preview", {"body": {"agreement": TEXT}}),
    ]
    for method, path, given_ in asked:
        case = described[path][method].Case(**given_, media_type="application/json")
        assert case.call_and_validate(checks=CHECKS).status_code == 200, path
