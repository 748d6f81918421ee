"""Files and functions that a reader can hold in mind."""

import ast

from tests.rules.source import PROJECT, body_lines, docstring_lines, module_of, modules

FILE_LINES = 350
FUNCTION_LINES = 50
# what is longer, and why it may be
LONGER: dict[str, str] = {}


def files() -> list[tuple[str, int, ast.Module]]:
    tests = [module_of(path) for path in sorted((PROJECT / "tests").rglob("*.py"))]
    return [
        (
            str(module.path.relative_to(PROJECT)),
            len(module.path.read_text(encoding="utf-8").splitlines())
            - docstring_lines(module.tree),
            module.tree,
        )
        for module in [*modules(), *tests]
    ]


def too_long() -> dict[str, int]:
    """Return the files and functions over the limits, with their lines."""
    found = {name: lines for name, lines, _ in files() if lines > FILE_LINES}
    for name, _, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = body_lines(node)
                if lines > FUNCTION_LINES:
                    found[f"{name}:{node.name}"] = lines
    return found


def test_no_file_and_no_function_is_too_long() -> None:
    assert {name: lines for name, lines in too_long().items() if name not in LONGER} == {}


def test_every_exception_is_still_needed() -> None:
    assert set(LONGER) <= set(too_long())


def test_docstrings_do_not_count() -> None:
    tree = ast.parse('"""One\nTwo\n"""\ndef f():\n    """Three."""\n    a = 1\n    return a')
    function = tree.body[1]
    assert isinstance(function, ast.FunctionDef)
    assert (docstring_lines(tree), body_lines(function)) == (4, 2)
