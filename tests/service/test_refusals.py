"""What the service answers to what it cannot use."""

import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import features.errors
import service.errors
from features.errors import LeadScoringError
from service.app import create_app
from service.errors import STATUS
from service.settings import Settings
from tests.factories import make_request
from tests.service.careful import check_careful

FORM = "application/x-www-form-urlencoded"
DEEP = b'{"lead_id":"a","attributes":{"x":' + b"[" * 5000 + b"]" * 5000 + b"}}"
SCALAR = "expected text, a finite number, true, false, null or a list of them"
MOMENT = "expected a date and time such as"
NOT_JSON = "body: expected JSON"


def lead(**fields: object) -> bytes:
    return json.dumps({"lead_id": "a", **fields}).encode()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", NOT_JSON),
        (b"{", NOT_JSON),
        (b"null", "body: expected an object"),
        (b"[]", "body: expected an object"),
        (b"\xff\xfe{\x00}\x00", NOT_JSON),
        ('{"lead_id":"a"}'.encode("utf-16"), NOT_JSON),
        (b"[" * 100_000, NOT_JSON),
        (DEEP, NOT_JSON),
        (rb'{"lead_id":"a","channel":"\ud800"}', NOT_JSON),
        (b"{}", "lead_id: is required"),
        (lead(leadid=1), "leadid: is not known"),
        (b'{"lead_id":7}', "lead_id: expected text"),
        (b'{"lead_id":""}', "lead_id: "),
        (lead(lead_id="a" * 201), "lead_id: "),
        (lead(as_of="yesterday"), f"as_of: {MOMENT}"),
        (lead(as_of=17), f"as_of: {MOMENT}"),
        (lead(as_of="17"), f"as_of: {MOMENT}"),
        (lead(created_at="2026-02-30"), f"created_at: {MOMENT}"),
        (lead(episode=0), "episode: "),
        (lead(episode=1.5), "episode: "),
        (lead(previous_label="hot"), "previous_label: "),
        (lead(attributes=[]), "attributes: expected an object"),
        (lead(attributes={"x": {"y": 1}}), f"attributes.x: {SCALAR}"),
        (lead(attributes={"x": [[1]]}), f"attributes.x: {SCALAR}"),
        (b'{"lead_id":"a","attributes":{"x":NaN}}', f"attributes.x: {SCALAR}"),
        (b'{"lead_id":"a","attributes":{"x":-Infinity}}', f"attributes.x: {SCALAR}"),
        (b'{"lead_id":"a","attributes":{"x":1e400}}', f"attributes.x: {SCALAR}"),
        (b'{"lead_id":"a","attributes":{"x":' + b"9" * 400 + b"}}", f"attributes.x: {SCALAR}"),
        (lead(activities={}), "activities: expected a list"),
        (lead(activities=[{"kind": "x"}]), "activities[0].occurred_at: is required"),
        (lead(activities=[{"kind": "", "occurred_at": "2026-01-01"}]), "activities[0].kind: "),
        (
            lead(activities=[{"kind": "x", "occurred_at": "soon"}]),
            f"activities[0].occurred_at: {MOMENT}",
        ),
        (lead(activities=[{"kind": "x", "occurred_at": "2026-01-01"}] * 2001), "activities: "),
    ],
)
def test_a_bad_request_is_told_which_field_and_what_was_expected(
    client: TestClient, body: bytes, detail: str
) -> None:
    answer = client.post("/score", content=body)
    assert answer.status_code == 422, answer.text
    check_careful(answer.headers)
    assert answer.json()["error"] == "SchemaError"
    assert answer.json()["detail"].startswith(detail)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"leads":{}}', b'{"leads":[],"x":1}', b'{"leads":[NaN]}']
)
def test_a_bad_batch_is_told_what_was_expected(client: TestClient, body: bytes) -> None:
    answer = client.post("/score/batch", content=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body: expected")


def test_a_batch_has_at_most_a_thousand_leads(client: TestClient) -> None:
    answer = client.post("/score/batch", json={"leads": [{"lead_id": "a"}] * 1001})
    assert answer.json()["detail"] == "leads: has 1001, expected at most 1000"
    assert answer.status_code == 422


def test_no_answer_repeats_a_value_of_the_lead(client: TestClient) -> None:
    secret = "kim.lee@firm-7.example"
    for body in (
        lead(as_of=secret),
        lead(attributes={"x": {secret: secret}}),
        lead(episode=secret),
    ):
        assert secret not in client.post("/score", content=body).text


def test_a_body_over_the_limit_is_refused(client: TestClient) -> None:
    answer = client.post("/score", content=b" " * 2_000_001)
    assert answer.status_code == 413
    assert answer.json()["error"] == "BodyTooLargeError"
    check_careful(answer.headers)


def test_a_streamed_body_over_the_limit_is_refused(client: TestClient) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    answer = client.post("/score", content=parts())
    assert answer.status_code == 413


def test_a_batch_may_be_larger_than_one_lead(client: TestClient) -> None:
    body = lead(attributes={"note": "x" * 19_000})
    many = b'{"leads":[' + b",".join([body] * 200) + b"]}"
    assert len(many) > 2_000_000
    assert client.post("/score/batch", content=many).status_code == 200


def test_unknown_paths_and_methods_have_the_same_form_of_error(client: TestClient) -> None:
    nowhere = client.get("/nowhere")
    assert nowhere.json()["error"] == "NotFoundError"
    check_careful(nowhere.headers)
    answer = client.get("/score")
    check_careful(answer.headers)
    assert (answer.status_code, answer.json()["error"]) == (405, "MethodError")
    assert client.post("/score?strict=maybe", json=make_request(1)).status_code == 422


def test_answers_tell_browsers_to_be_careful(client: TestClient) -> None:
    origin = {"Origin": "https://elsewhere.example.com"}
    for answer in (
        client.post("/score", json=make_request(1), headers=origin),
        client.get("/health/live", headers=origin),
    ):
        assert answer.status_code == 200
        check_careful(answer.headers)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_service_fail(client: TestClient, body: bytes) -> None:
    for path in ("/score", "/score/batch"):
        assert client.post(path, content=body).status_code == 422


@given(
    attributes=st.dictionaries(
        st.sampled_from([f"a{i}" for i in range(3)] + list(make_request(1)["attributes"])),
        JSON_VALUES,
        max_size=6,
    ),
    channel=JSON_VALUES,
    activities=st.lists(
        st.fixed_dictionaries({"kind": JSON_VALUES, "occurred_at": JSON_VALUES}), max_size=2
    ),
)
def test_no_json_makes_the_service_fail(client: TestClient, **fields: Any) -> None:
    body = json.dumps({"lead_id": "a", **fields}).encode()
    alone = client.post("/score", content=body)
    assert alone.status_code in (200, 422)
    together = client.post("/score/batch", content=b'{"leads":[' + body + b"]}")
    if together.status_code == 200:
        assert together.json()["results"][0]["status"] == alone.status_code
    else:
        assert together.status_code == alone.status_code == 422


@given(st.datetimes(), st.sampled_from(["", "Z", "+14:00", "-12:00"]))
def test_any_date_can_be_scored(client: TestClient, at: Any, zone: str) -> None:
    moment = f"{at.isoformat()}{zone}"
    body = lead(
        as_of=moment, created_at=moment, activities=[{"kind": "chat", "occurred_at": moment}]
    )
    assert client.post("/score", content=body).status_code == 200


def test_without_a_model_the_service_says_so_and_when_to_try_again(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(artifacts=tmp_path, without_model="refuse"))) as client:
        answer = client.post("/score", json=make_request(1))
        assert (answer.status_code, answer.json()["error"]) == (503, "NotReadyError")
        assert int(answer.headers["Retry-After"]) > 0
        check_careful(answer.headers)
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert "no champion of any dataset" in ready.json()["problem"]
        assert client.get("/health/live").status_code == 200
        assert client.get("/model").status_code == 503


def test_a_failure_shows_an_id_only(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    secret = "kim.lee@firm-7.example"

    class FailingSink:
        keeps = True
        durable = True
        waiting = 0

        def give(self, pending: Sequence[Any]) -> None:
            raise RuntimeError(secret)

    app = create_app(settings, sink=FailingSink())
    with TestClient(app, raise_server_exceptions=False) as client, caplog.at_level(logging.DEBUG):
        answer = client.post("/score", json=make_request(1), headers={"X-Request-ID": "crm-9"})
    assert answer.status_code == 500
    check_careful(answer.headers)
    assert answer.json() == {"error": "InternalError", "detail": "request crm-9 failed"}
    assert answer.headers["X-Request-ID"] == "crm-9"
    assert "crm-9" in caplog.text
    assert "RuntimeError" in caplog.text
    assert secret not in caplog.text


def descendants(kind: type[LeadScoringError]) -> set[type[LeadScoringError]]:
    return {kind}.union(*(descendants(child) for child in kind.__subclasses__()))


def test_every_error_of_the_product_has_a_status() -> None:
    ours = {features.errors.__name__, service.errors.__name__}
    known = {kind for kind in descendants(LeadScoringError) if kind.__module__ in ours}
    assert set(STATUS) == known


@pytest.mark.parametrize("path", ["/score", "/score/batch"])
@pytest.mark.parametrize("declared", ["text/csv", "text/plain; charset=utf-8", FORM])
def test_a_body_that_is_declared_no_json_is_refused(
    client: TestClient, path: str, declared: str
) -> None:
    answer = client.post(path, content=lead(), headers={"Content-Type": declared})
    assert (answer.status_code, answer.json()["error"]) == (415, "MediaTypeError")
    assert answer.json()["detail"] == "Content-Type: expected application/json, or none"


@pytest.mark.parametrize(
    "declared", [None, "application/json", "Application/JSON; charset=UTF-8", "application/x+json"]
)
def test_json_may_be_declared_in_any_way_or_not_at_all(
    client: TestClient, declared: str | None
) -> None:
    headers = {} if declared is None else {"Content-Type": declared}
    assert client.post("/score", content=lead(), headers=headers).status_code == 200
