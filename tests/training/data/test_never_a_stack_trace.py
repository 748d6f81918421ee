from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.errors import LeadScoringError
from tests.training.data.exports import Folder, leads_text

TEXT = leads_text().encode()
STRANGE = (b"", b",", b";", b'"', b"\n", b"\r", b"\0", b"\t", b"=", b"\xff", b"\xe9", b"\x81\x30")
WORDS = (b"1e999", b"2026-13-01", b"won", b"PAR1", b"9" * 40, "\ufeff".encode(), "微".encode())
PIECES = st.sampled_from((*STRANGE, *WORDS))


def read_or_refuse(content: bytes, name: str = "leads.csv") -> None:
    with TemporaryDirectory() as folder:
        try:
            export = Folder(Path(folder)).read(content, name=name)
        except LeadScoringError:
            return
        assert len(export.lead_id) == len(export.outcome) == export.n_rows


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), PIECES), max_size=4))
@example([(0, len(TEXT), b'"')])
@example([(0, 2, b'"')])
def test_damaged_text_is_read_or_refused(cuts: list[tuple[int, int, bytes]]) -> None:
    content = TEXT
    for start, length, piece in cuts:
        content = content[:start] + piece + content[start + length :]
    read_or_refuse(content)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refuse(content)


KINDS = (
    pa.array([1, None, 3]),
    pa.array([1.5, float("nan"), float("inf")]),
    pa.array([True, None, False]),
    pa.array(["a", None, "won"]),
    pa.array([b"a", None, b"\xff"]),
    pa.array([[1], None, [2, 3]]),
    pa.array([{"a": 1}, None, {"a": 2}]),
    pa.array([[{"a": 1}], None, []]),
    pa.array([None, None, None]),
    pa.array([0, 1, 2], pa.timestamp("ns", "Asia/Shanghai")),
    pa.array([0, None, 2], pa.date32()),
    pa.array([0, None, 2], pa.time32("s")),
    pa.array([0, None, 2], pa.duration("s")),
    pa.array([1, None, 2], pa.decimal128(10, 2)),
    pa.array(["won", "lost", None]).dictionary_encode(),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(KINDS), min_size=6, max_size=6))
def test_parquet_of_any_types_is_read_or_refused(columns: list[pa.Array]) -> None:
    names = TEXT.decode().splitlines()[0].split(",")
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), sink)
    read_or_refuse(bytes(sink.getvalue()), "leads.parquet")


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(KINDS), st.sampled_from(["id", "created", "outcome", "closed", "channel"]))
def test_a_column_of_another_type_is_read_or_refused(column: pa.Array, name: str) -> None:
    columns = {
        "id": pa.array(["a", "b", "c"]),
        "created": pa.array(["2026-01-01"] * 3),
        "channel": pa.array(["web"] * 3),
        "outcome": pa.array(["won", "lost", "open"]),
        "closed": pa.array(["2026-01-02", "", ""]),
        "employees": column,
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns | {name: column}), sink)
    read_or_refuse(bytes(sink.getvalue()), "leads.parquet")
