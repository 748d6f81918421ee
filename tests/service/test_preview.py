"""Promises of POST /agreement/preview."""

import pytest
from starlette.testclient import TestClient

from models.agreement.agreement import LABELS

DRAFT = 'dataset = "factory"\nversion = "2"\nlines = { mql = {%s}, sql = {%s} }\n'


def tried(client: TestClient, text: str) -> tuple[int, dict[str, object]]:
    answer = client.post("/agreement/preview", json={"agreement": text})
    found: dict[str, object] = answer.json()
    return answer.status_code, found


def test_a_draft_is_tried_beside_what_holds(client: TestClient) -> None:
    status, found = tried(client, DRAFT % ("lift = 1.2", "capacity_per_week = 4"))
    assert status == 200, found
    assert found["against"] == "default"
    assert found["agreement"]["version"] == "2"  # type: ignore[index]
    new = found["new"]
    assert isinstance(new, dict)
    assert [one["label"] for one in new["labels"]] == list(LABELS)
    flips = found["flips"]
    assert isinstance(flips, dict)
    assert sum(sum(row.values()) for row in flips.values()) == new["leads"] == 100


def test_the_agreement_that_holds_stays_as_it_is(client: TestClient) -> None:
    before = client.get("/model").json()["agreement"]
    tried(client, DRAFT % ("lift = 1.2", "lift = 1.5"))
    assert client.get("/model").json()["agreement"] == before


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("dataset = ", "draft"),
        (DRAFT.replace("factory", "other") % ("lift = 1.2", "lift = 1.5"), "draft:1"),
        (DRAFT % ("lift = 1.2", "capacity_per_week = 500"), "nearest that can be had"),
        (DRAFT % ("lift = 1.2", "lift = 1.5") + '[[inquiry]]\nactivity = "dance"', "dance"),
    ],
)
def test_a_draft_that_cannot_be_is_the_callers_mistake(
    client: TestClient, text: str, detail: str
) -> None:
    status, found = tried(client, text)
    assert status == 422
    assert found["error"] == "SchemaError"
    assert detail in str(found["detail"])
