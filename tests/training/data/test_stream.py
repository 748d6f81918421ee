from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from features.errors import SchemaError
from training.data.stream import read_slices
from training.data.table import read_table

ROWS = 2000


def written(folder: Path, kind: str) -> Path:
    """Return a file whose cells say where they stand, some of them over two lines."""
    note = [f"line one of {i}\nline two" if i % 7 == 0 else f"note {i}" for i in range(ROWS)]
    table = pa.table({"id": [str(i) for i in range(ROWS)], "note": note})
    path = folder / f"leads.{kind}"
    if kind == "parquet":
        pa.parquet.write_table(table, path, row_group_size=300)
    else:
        encoding = "gb18030" if kind == "txt" else "utf-8-sig"
        rows = [f'{i};"{text}"' for i, text in zip(range(ROWS), note, strict=True)]
        lines = "\r\n".join(["id;名称" if kind == "txt" else "id;note", *rows])
        path.write_text(lines + "\r\n", encoding=encoding, newline="")
    return path


@pytest.mark.parametrize("kind", ["csv", "txt", "parquet"])
@pytest.mark.parametrize("n_rows", [1, 299, 300, 5000])
def test_slices_together_are_the_whole_file(kind: str, n_rows: int, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    whole = read_table(path)
    slices = list(read_slices(path, n_rows))
    assert pa.concat_tables([one.data for one in slices]).equals(whole.data)
    assert [one.n_rows for one in slices[:-1]] == [n_rows] * (len(slices) - 1)
    assert {one.columns for one in slices} == {whole.columns}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_bad_row_of_a_slice_is_named_by_its_place_in_the_file(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    bad = [i in (700, 701) for i in range(600, 900)]
    whole, part = read_table(path), list(read_slices(path, 300))[2]
    everywhere = [i in (700, 701) for i in range(ROWS)]
    of_whole = whole.problem(pa.array(everywhere).to_numpy(False), "id", "odd", "even ones")
    of_part = part.problem(pa.array(bad).to_numpy(False), "id", "odd", "even ones")
    assert str(of_part) == str(of_whole).replace("in 2 rows", "in at least 2 rows")


def test_a_row_that_is_too_wide_is_refused_though_it_comes_late(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,note\n" + "1,a\n" * 5000 + "1,a,b\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"1 row not as wide as the header \(line 5002\)"):
        list(read_slices(path, 1000))


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("id,note\n", encoding="utf-8")
    with pytest.raises(SchemaError, match=r"leads\.csv: has a header but no rows"):
        list(read_slices(path, 10))
