"""Every notebook answers its question on any trained model, and is kept without what it showed."""

import ast
import json
from pathlib import Path

import nbformat
import pytest

from training.analysis.__main__ import main

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@pytest.fixture
def named(
    trained_bundle: Path,
    simulated_export: Path,
    simulated_mapping: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Name a small model and its export."""
    leads = str(simulated_export / "leads.csv")
    for name, value in (("MODEL", str(trained_bundle)), ("DATA", leads), ("EXPORT", leads)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAPPING", str(simulated_mapping))


def test_there_is_one_for_each_question() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom_and_shows_something(path: Path, tmp_path: Path) -> None:
    assert main([str(path), "--out", str(tmp_path)]) == 0
    book = nbformat.read(tmp_path / path.name, as_version=4)  # type: ignore[no-untyped-call]
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(cell.outputs for cell in code)
    assert "image/png" not in json.dumps(book)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs_defines_nothing_and_begins_with_its_question(
    path: Path,
) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert cells[0]["source"][0].rstrip("\n").endswith("?")
    for cell in cells:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
            nodes = ast.walk(ast.parse("".join(cell["source"])))
            assert not any(isinstance(node, DEFINES) for node in nodes)


def test_a_cell_that_fails_is_a_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])  # type: ignore[no-untyped-call]
    nbformat.write(book, tmp_path / "bad.ipynb")  # type: ignore[no-untyped-call]
    assert main([str(tmp_path / "bad.ipynb"), "--out", str(tmp_path / "out")]) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err
