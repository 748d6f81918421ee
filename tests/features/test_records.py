import json

import pytest
from hypothesis import given

from features.errors import SchemaError
from features.records import LeadRecord, assemble, record_from_json, record_to_json
from tests.features.invented import records


@given(records())
def test_a_record_read_from_json_is_the_same(record: LeadRecord) -> None:
    again = record_from_json(json.loads(json.dumps(record_to_json(record))))
    assert again == record._replace(activities=list(record.activities))


def test_a_lead_without_creation_date_came_in_when_it_is_looked_at() -> None:
    record = record_from_json({"lead_id": "L", "as_of": "2026-01-01T00:00:00Z"})
    assert record.created_at == record.as_of


@pytest.mark.parametrize(
    ("activity", "where"),
    [
        ({"occurred_at": "2026-01-01"}, r"activities\[0\].kind"),
        ({"kind": "page_view"}, r"activities\[0\].occurred_at"),
        ({"kind": "page_view", "occurred_at": "Kowalski"}, r"activities\[0\].occurred_at"),
    ],
)
def test_what_is_wrong_with_an_activity_is_said(activity: dict[str, str], where: str) -> None:
    with pytest.raises(SchemaError, match=where) as refused:
        record_from_json({"as_of": "2026-01-01", "activities": [activity]})
    assert "Kowalski" not in str(refused.value)


def test_no_records_are_an_empty_batch() -> None:
    leads, activities = assemble([])
    assert (leads.n_leads, activities.n_activities) == (0, 0)
