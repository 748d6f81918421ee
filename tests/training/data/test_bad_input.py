import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import SchemaError
from tests.training.data.exports import HEADER, MAPPING, ROWS, Folder, leads_text
from training.errors import TooFewOutcomesError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def exactly(text: str) -> str:
    return "^" + re.escape(text)


def test_a_missing_column_is_named_with_the_nearest_one(folder: Folder) -> None:
    expected = (
        "leads.csv: has no column 'employees' (attributes.employees); did you mean 'Employees'?"
    )
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(leads_text().replace("employees", "Employees"))


def test_a_column_that_occurs_twice_is_refused(folder: Folder) -> None:
    text = leads_text().replace("employees", "channel", 1)
    mapping = MAPPING.partition("[attributes")[0]
    with pytest.raises(SchemaError, match=exactly("leads.csv: has 2 columns 'channel'")):
        folder.read(text, mapping)


def test_repeated_ids_are_counted_without_showing_them(folder: Folder) -> None:
    text = leads_text("a,2026-01-04,web,won,2026-01-05,1", "b,2026-01-04,web,won,2026-01-05,1")
    expected = "leads.csv, column 'id': ids of an earlier row in 2 rows (lines 5, 6); expected"
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(text)


def test_rows_without_an_id_are_refused(folder: Folder) -> None:
    with pytest.raises(
        SchemaError, match=exactly("leads.csv, column 'id': no id in 1 row (line 5)")
    ):
        folder.read(leads_text(",2026-01-04,web,won,2026-01-05,1"))


def test_dates_that_cannot_be_read_are_counted_and_a_format_proposed(folder: Folder) -> None:
    rows = [f"x{i},13/01/2026,web,won,2026-01-05,1" for i in range(7)]
    expected = (
        "leads.csv, column 'created': dates that cannot be read in 7 rows "
        "(lines 5, 6, 7, 8, 9, ...); expected ISO dates"
    )
    with pytest.raises(SchemaError, match=exactly(expected) + '.*"%d/%m/%Y"'):
        folder.read(leads_text(*rows))


def test_a_day_that_does_not_exist_is_refused_in_any_format(folder: Folder) -> None:
    text = leads_text().replace("2026-01-03", "2026-02-30")
    with pytest.raises(SchemaError, match=r"dates that cannot be read in 1 row \(line 4\)"):
        folder.read(text)
    in_days = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3.\2.\1", text)
    mapping = MAPPING.replace("[outcome]", 'date_format = "%d.%m.%Y"\n[outcome]')
    with pytest.raises(SchemaError, match=r"in 1 row \(line 4\); expected dates as '%d.%m.%Y'"):
        folder.read(in_days, mapping)


def test_lines_count_breaks_inside_of_quotes_and_empty_lines(folder: Folder) -> None:
    text = leads_text('d,2026-01-04,"a\nb\nc",won,2026-01-05,1', "", "e,never,web,won,,1")
    with pytest.raises(SchemaError, match=r"in 1 row \(line 9\)"):
        folder.read(text)


def test_unknown_outcomes_are_shown(folder: Folder) -> None:
    text = leads_text("d,2026-01-04,web,Dead,,1", "e,2026-01-04,web,,,1")
    expected = (
        "leads.csv, column 'outcome': outcomes that the mapping does not know: "
        "(empty), 'dead' in 2 rows (lines 5, 6); expected the words under outcome.won"
    )
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(text)


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(folder: Folder, content: str) -> None:
    with pytest.raises(SchemaError, match=exactly("leads.csv: is empty, expected")):
        folder.read(content)


def test_a_header_alone_is_refused(folder: Folder) -> None:
    with pytest.raises(SchemaError, match=exactly("leads.csv: has a header but no rows")):
        folder.read(HEADER + "\n")


def test_an_absent_file_is_named(folder: Folder) -> None:
    mapping = 'files.activities = "visits.csv"\n' + MAPPING
    with pytest.raises(SchemaError, match=r"visits\.csv: there is no such file"):
        folder.read(leads_text(), mapping)


def test_one_class_is_too_few_outcomes(folder: Folder) -> None:
    expected = "leads.csv, column 'outcome': of 3 leads 0 are won, 2 lost and 1 open; expected"
    with pytest.raises(TooFewOutcomesError, match=exactly(expected)):
        folder.read(leads_text().replace("won", "lost"))


@pytest.mark.parametrize(
    "number", ["1,234.50", "12 %", "inf", "-Infinity", "1e999", "nan", "1_000", "0x10", "ten"]
)
def test_numbers_that_are_no_plain_finite_ones_are_refused(folder: Folder, number: str) -> None:
    expected = (
        "leads.csv, column 'employees': numbers that cannot be read or are infinite in 1 row "
        "(line 5); expected plain finite numbers"
    )
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(leads_text(f'd,2026-01-04,web,won,2026-01-05,"{number}"'))


def test_infinite_values_of_parquet_are_refused_by_row(folder: Folder) -> None:
    table = pa.table(
        {
            "id": ["a", "b"],
            "created": ["2026-01-01", "2026-01-02"],
            "channel": ["web", "web"],
            "outcome": ["won", "lost"],
            "closed": ["2026-01-04", ""],
            "employees": [1.0, np.inf],
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    with pytest.raises(SchemaError, match=r"or are infinite in 1 row \(row 2\)"):
        folder.read(sink.getvalue().to_pybytes(), name="leads.parquet")


def test_rows_of_another_width_are_counted(folder: Folder) -> None:
    text = leads_text("Total: 3 leads", "d,2026-01-04")
    expected = "leads.csv: 2 rows not as wide as the header (lines 5, 6); expected 6 columns"
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(text)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("leads.csv", b"PAR1....PAR1", "leads.csv: its name says text, but it is Parquet"),
        ("leads.parquet", b"id,outcome\na,won\n", "leads.parquet: its name says Parquet, but"),
        ("leads.parquet", b"PAR1 cut off", "leads.parquet: is damaged Parquet"),
        ("leads.csv", b"PK\x03\x04 sheet", "leads.csv: is an Excel workbook"),
        ("leads.csv", b"\x1f\x8b\x08 zip", "leads.csv: is compressed with gzip"),
        ("leads.csv", b"<!DOCTYPE html><p>Log in", "leads.csv: is a web page or XML"),
        ("leads.csv", b'{"leads": []}', "leads.csv: is JSON"),
        ("leads.csv", b"id\x00\x01\x02\n", "leads.csv: is binary"),
        ("leads.csv", "id,ort\n1,Köln\n2,Düren\n".encode("latin-1"), "leads.csv: its text is"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    folder: Folder, name: str, content: bytes, expected: str
) -> None:
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(content, name=name)


def test_activities_are_kept_out_and_counted(folder: Folder) -> None:
    lines = (
        "lead_id,kind,occurred_at",
        "a,visit,2026-01-01T10:00:00",
        "a,visit,2026-01-06",  # after it was won
        "stranger,visit,2026-01-01",
        ",visit,2026-01-01",
        "b,Call logged,2026-01-02T10:00:00Z",  # by staff
        "c,visit,2027-01-01",  # later than anything else in the export
        "b,,2026-01-02",
        "b,visit,",
    )
    mapping = MAPPING + '[activities]\nstaff_kinds = ["call logged"]\n'
    notes = folder.read(leads_text(), mapping, activities="\n".join(lines)).notes.activities
    assert notes.rows == 8
    assert notes.used == 1
    assert notes.of_unknown_leads == 2
    assert notes.after_outcome == 1
    assert notes.by_staff == 1
    assert notes.in_future == 1
    assert notes.without_date_or_kind == 2


def test_activities_with_unreadable_dates_are_refused(folder: Folder) -> None:
    text = "lead_id,kind,occurred_at\na,visit,soon\n"
    expected = "activities.csv, column 'occurred_at': dates that cannot be read in 1 row (line 2)"
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(leads_text(), activities=text)


def test_no_message_shows_a_cell_other_than_an_outcome(folder: Folder) -> None:
    secret = "jane.doe@example.org"
    columns = HEADER.split(",")
    for column in ("id", "created", "closed", "employees"):
        cells = dict(zip(columns, ROWS[0].split(","), strict=True)) | {column: secret}
        row = ",".join(cells.values())
        with pytest.raises(SchemaError, match="expected") as raised:
            folder.read(leads_text(row, row))
        assert secret not in str(raised.value)


def test_a_lead_that_is_won_twice_in_the_outcome_file_is_refused(folder: Folder) -> None:
    mapping = MAPPING.replace('column = "outcome"', 'file = "deals.csv"').replace(
        'won = ["won"]\nlost = ["lost"]\nopen = ["open"]\n', ""
    )
    expected = "deals.csv, column 'id': ids of an earlier row in 1 row (line 3)"
    with pytest.raises(SchemaError, match=exactly(expected)):
        folder.read(leads_text(), mapping, deals="id,closed\na,2026-01-05\na,2026-01-06\n")
