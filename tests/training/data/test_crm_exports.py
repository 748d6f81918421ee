from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.moment import to_moment
from training.data.mapping import load_mapping
from training.data.read import read_export

MAPPINGS = Path(__file__).parents[3] / "training" / "mappings"
SALESFORCE = """"Id","LeadSource","Status","CreatedDate","ConvertedDate","Company","Title","Email"
"00Q1","Web","Open - Not Contacted","2024-05-01T10:22:00.000Z","","A","CEO","a@a.example"
"00Q2","Web","Closed - Converted","2024-05-02T12:22:00.000+0200","2024-06-01","B","CEO",""
"""
REPORT = """"Lead ID","Lead Source","Lead Status","Create Date","Converted Date","Title"
"1","Web","Working","5/1/2024 10:22 AM","","CEO"
"2","Web","Closed - Converted","05/02/2024 10:22 AM","6/1/2024","CEO"
"""
HUBSPOT = """Record ID,Lifecycle Stage,Create Date,Close Date,Original Source,Job Title
1,Lead,2024-05-01 10:22,,Organic Search,CEO
2,Customer,2024-05-02 10:22,2024-06-01 09:00,Paid Search,CFO
"""


@pytest.mark.parametrize(
    ("mapping", "text"),
    [("salesforce", SALESFORCE), ("salesforce_report", REPORT), ("hubspot", HUBSPOT)],
)
def test_usual_crm_exports_are_read_by_their_column_names(
    tmp_path: Path, mapping: str, text: str
) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text(text, encoding="utf-8")
    export = read_export(leads, load_mapping(MAPPINGS / f"{mapping}.toml"))
    assert export.outcome.tolist() == [-1, 1]
    created = [to_moment(datetime(2024, 5, day, 10, 22, tzinfo=UTC)) for day in (1, 2)]
    assert export.created_at.tolist() == created
    assert export.outcome_at[1] > to_moment(datetime(2024, 6, 1, tzinfo=UTC))
    assert "job_title" in export.attributes
    assert "employees" not in export.attributes
    assert "Number of Employees" in export.notes.absent_columns or mapping == "salesforce"
