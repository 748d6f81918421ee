from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.moment import DAY, NEVER, to_moment
from tests.training.data.exports import MAPPING, Folder, leads_text


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def at(day: int, hour: int = 0) -> int:
    return to_moment(datetime(2026, 1, day, hour, tzinfo=UTC))


def parquet(columns: dict[str, Any]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def test_roles_outcomes_and_dates_are_read(folder: Folder) -> None:
    export = folder.read(leads_text())
    assert export.lead_id == ["a", "b", "c"]
    assert export.outcome.tolist() == [1, 0, -1]
    assert export.created_at.tolist() == [at(1), at(2), at(3)]
    assert export.order.tolist() == [at(1), at(2), at(3)]
    assert export.channel.rows() == ["web", "partner", "web"]
    assert export.attributes["employees"].rows() == [10.0, 20.0, 30.0]


def test_a_day_of_outcome_without_time_counts_to_its_end(folder: Folder) -> None:
    export = folder.read(leads_text())
    assert export.outcome_at.tolist() == [at(6) - 1, at(8) - 1, NEVER]
    assert export.data_end == at(8) - 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separators_and_encodings_are_recognised(
    folder: Folder, separator: str, encoding: str
) -> None:
    text = leads_text().replace(",", separator).replace("partner", "微信公众号")
    export = folder.read(text.encode(encoding))
    assert export.channel.rows() == ["web", "微信公众号", "web"]


def test_quotes_protect_separators_quotes_and_line_breaks(folder: Folder) -> None:
    text = "sep=;\r\n" + leads_text().replace(",", ";").replace("partner", '"a;""b""\nc"')
    assert folder.read(text).channel.rows() == ["web", 'a;"b"\nc', "web"]


def test_an_encoding_can_be_named(folder: Folder) -> None:
    text = leads_text().replace("partner", "Müller")
    export = folder.read(text.encode("latin-1"), 'files.encoding = "latin-1"\n' + MAPPING)
    assert export.channel.rows() == ["web", "Müller", "web"]


def test_parquet_with_dates_integers_booleans_and_dictionaries_gives_the_same(
    folder: Folder,
) -> None:
    mapping = MAPPING.replace('"won"', '"true"').replace('"lost"', '"false"')
    content = parquet(
        {
            "id": pa.array([7, 8], pa.int32()),
            "created": pa.array([datetime(2026, 1, 1), datetime(2026, 1, 2)], pa.timestamp("ns")),
            "channel": pa.array(["web", None]).dictionary_encode(),
            "outcome": [True, False],
            "closed": [date(2026, 1, 5), None],
            "employees": pa.array([10, None], pa.int64()),
        }
    )
    export = folder.read(content, mapping, name="leads.parquet")
    assert export.lead_id == ["7", "8"]
    assert export.created_at.tolist() == [at(1), at(2)]
    assert export.outcome.tolist() == [1, 0]
    assert export.outcome_at.tolist() == [at(6) - 1, NEVER]
    assert export.channel.rows() == ["web", None]
    np.testing.assert_array_equal(export.attributes["employees"].rows(), [10.0, np.nan])


def test_dates_without_zone_are_in_the_zone_of_the_mapping(folder: Folder) -> None:
    mapping = MAPPING.replace("[outcome]", 'time_zone = "Asia/Shanghai"\n[outcome]')
    text = leads_text().replace("2026-01-02", "2026-01-02T09:00:00+01:00")
    export = folder.read(text, mapping)
    assert export.created_at.tolist() == [at(1) - DAY // 3, at(2, 8), at(3) - DAY // 3]
    assert export.outcome_at[0] == at(6) - DAY // 3 - 1


def test_the_outcome_may_stand_in_a_second_file(folder: Folder) -> None:
    mapping = MAPPING.replace('column = "outcome"', 'file = "deals.csv"\nlead_id = "lead"')
    mapping = mapping.replace('won = ["won"]\nlost = ["lost"]\nopen = ["open"]\n', "")
    mapping = mapping.replace('at = "closed"', 'at = "day"\nvalue = "worth"')
    deals = "lead,day,worth\nc,2026-02-01 12:00,99.5\nstranger,2026-02-02,1\n"
    export = folder.read(leads_text(), mapping, deals=deals)
    assert export.outcome.tolist() == [0, 0, 1]
    assert export.outcome_at.tolist() == [NEVER, NEVER, at(32 - 31, 12) + 31 * DAY]
    assert export.value[2] == 99.5
    assert np.isnan(export.value[:2]).all()
    assert export.notes.outcomes_of_unknown_leads == 1


def test_without_dates_a_column_or_the_rows_give_the_order(folder: Folder) -> None:
    text = "number,y\n30,yes\n10,no\n20,no\n"
    mapping = 'dataset = "d"\n[leads]\nlead_id = "{}"\norder = "{}"\n[outcome]\ncolumn = "y"\n'
    mapping += 'won = ["yes"]\nlost = ["no"]\n'
    by_column = folder.read(text, mapping.format("number", "number"))
    assert by_column.order.tolist() == [30, 10, 20]
    by_row = folder.read(text, mapping.format("rows", "rows"))
    assert by_row.order.tolist() == [0, 1, 2]
    assert by_row.lead_id == ["1", "2", "3"]
    assert by_row.data_end == NEVER


def test_channels_have_their_empty_words_and_aliases_resolved(folder: Folder) -> None:
    text = leads_text("d,2026-01-04,Select,lost,,1", "e,2026-01-04,WEB Site,lost,,1")
    mapping = MAPPING + '[channel]\nempty = ["select"]\naliases = { "web site" = "web" }\n'
    assert folder.read(text, mapping).channel.rows() == ["web", "partner", "web", None, "web"]


def test_identical_rows_share_a_group_but_for_their_ids(folder: Folder) -> None:
    row = "2026-01-04,web,lost,,5"
    export = folder.read(leads_text(f"d,{row}", f"e,{row}", "f,2026-01-04,web,lost,,6"))
    a, b, c, d, e, f = export.group.tolist()
    assert d == e
    assert len({a, b, c, d, f}) == 5


def test_an_account_binds_leads_and_a_contact_binds_those_without(folder: Folder) -> None:
    text = (
        "id,account,person,y\n"
        "1,acme,ann,yes\n2,acme,bob,no\n3,,ann,no\n4,,ann,no\n5,,,no\n6,,,yes\n7,acme,,no\n"
    )
    mapping = (
        'dataset = "d"\n[leads]\nlead_id = "id"\naccount_id = "account"\ncontact_id = "person"\n'
        '[outcome]\ncolumn = "y"\nwon = ["yes"]\nlost = ["no"]\n'
    )
    group = folder.read(text, mapping).group.tolist()
    assert group[0] == group[1] == group[6]
    assert group[2] == group[3]
    assert len({group[0], group[2], group[4], group[5]}) == 4


def test_episodes_of_a_lead_share_group_and_activities(folder: Folder) -> None:
    text = (
        "id,nr,created,outcome,closed\n"
        "a,1,2026-01-01,lost,2026-01-03\na,2,2026-01-10,won,2026-01-12\nb,1,2026-01-02,lost,\n"
    )
    mapping = MAPPING.partition("[attributes")[0].replace('channel = "channel"', 'episode = "nr"')
    visits = "lead_id,kind,occurred_at\na,visit,2026-01-11\na,visit,2026-01-05\na,open,2026-01-05\n"
    export = folder.read(text, mapping, activities=visits)
    assert export.episode.tolist() == [1, 2, 1]
    assert export.group[0] == export.group[1] != export.group[2]
    table = export.activities
    assert table.start.tolist() == [0, 0, 3]
    assert table.stop.tolist() == [3, 3, 3]
    assert table.occurred_at.tolist() == [at(5), at(5), at(11)]
    assert [table.kinds[code] for code in table.kind] == ["open", "visit", "visit"]


def test_history_gives_the_value_of_a_past_moment(folder: Folder) -> None:
    history = (
        "lead_id,attribute,value,changed_at\n"
        "a,employees,5,2026-01-01\na,employees,10,2026-01-03\nb,employees,7,2026-01-05\n"
        "x,employees,7,2026-01-05\na,colour,red,2026-01-05\n"
    )
    export = folder.read(leads_text(), history=history)
    rows = np.array([0, 0, 1, 1, 2])
    as_of = np.array([at(2), at(3), at(2), at(5), at(5)])
    values = export.leads(rows, as_of).attributes["employees"].rows()
    np.testing.assert_array_equal(values, [5.0, 10.0, np.nan, 7.0, 30.0])
    assert export.notes.history.used == 3
    assert export.notes.history.of_unknown_leads == 1
    assert export.notes.history.of_unused_attributes == 1


def test_attributes_of_unknown_time_need_a_voucher(folder: Folder) -> None:
    unknown = MAPPING.replace('known_at = "creation"', "")
    export = folder.read(leads_text(), unknown)
    assert not export.attributes
    assert export.notes.not_vouched == ("employees",)
    vouched = folder.read(leads_text(), unknown + 'vouched = "from the register"\n')
    assert vouched.notes.vouched == {"employees": "from the register"}
    assert list(vouched.attributes) == ["employees"]


def test_dated_attributes_are_left_out_where_there_is_no_history(folder: Folder) -> None:
    mapping = MAPPING.replace('"creation"', '"history"')
    assert folder.read(leads_text(), mapping).notes.not_vouched == ("employees",)


def test_rows_without_a_date_are_left_out_and_counted_in_training_only(folder: Folder) -> None:
    text = leads_text("d,,web,open,,1")
    training = folder.read(text)
    assert training.lead_id == ["a", "b", "c"]
    assert training.notes.without_created_at == 1
    assert folder.read(text, require_outcome=False).lead_id == ["a", "b", "c", "d"]


def test_leads_to_be_scored_need_no_outcome(folder: Folder) -> None:
    text = "id,created,channel,employees\na,2026-01-01,web,1\n"
    export = folder.read(text, require_outcome=False)
    assert export.outcome.tolist() == [-1]


def test_grouped_numbers_are_read_when_the_mapping_says_so(folder: Folder) -> None:
    text = leads_text('d,2026-01-04,web,lost,,"1,234.50"', "e,2026-01-04,web,lost,,12 %")
    export = folder.read(text, MAPPING + "grouped = true\n")
    assert export.attributes["employees"].rows()[3:] == [1234.5, 12.0]


def test_absent_columns_are_forgiven_where_the_mapping_allows_it(folder: Folder) -> None:
    mapping = "absent_columns_allowed = true\n" + MAPPING.replace('"channel"', '"medium"')
    export = folder.read(leads_text(), mapping.replace("attributes.employees", "attributes.size"))
    assert export.channel.rows() == [None, None, None]
    assert export.notes.absent_columns == ("medium", "size")
    assert export.notes.unused_columns == ("channel", "employees")


def test_the_fingerprint_follows_the_content_alone(folder: Folder) -> None:
    first = folder.read(leads_text()).fingerprint
    assert folder.read(leads_text(), name="other.csv").fingerprint == first
    assert folder.read(leads_text().replace("10", "11")).fingerprint != first


def test_an_export_says_what_gives_the_segment(folder: Folder) -> None:
    named = MAPPING.replace("[leads]", '[leads]\nsegment = "line"')
    line = '[attributes.line]\ntype = "category"\nknown_at = "{}"\n'
    rows = leads_text().splitlines()
    text = "\n".join([f"{rows[0]},line", *(f"{row},pro" for row in rows[1:])]) + "\n"
    assert folder.read(text, named + line.format("creation")).segment == "line"
    assert folder.read(text, named + line.format("history")).segment is None
    assert folder.read(leads_text()).segment is None
