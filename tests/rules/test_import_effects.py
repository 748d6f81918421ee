"""Importing a module does nothing but define names."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.rules.source import PROJECT, modules

CALLS = {
    "os.getenv",
    "os.getcwd",
    "open",
    "Path.cwd",
    "Path.home",
    "time.time",
    "time.perf_counter",
    "time.monotonic",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "random.random",
    "random.seed",
    "uuid4",
    "read_text",
    "read_bytes",
    "default_rng",
}

WATCH = """
import importlib, sys
root, names = sys.argv[1], sys.argv[2:]
opened = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(root):
        if not arguments[0].endswith((".py", ".pyc", ".so", ".nbi", ".nbc", ".pth")):
            if not any(part in arguments[0] for part in ("/.venv", "__pycache__")):
                opened.append(arguments[0])
sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
print("\\n".join(opened))
"""


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is evaluated when a module is imported: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda) or is_main(child):
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            outside: list[ast.AST] = [*child.decorator_list, *child.args.defaults]
            outside += [default for default in child.args.kw_defaults if default]
            for part in outside:
                yield part
                yield from at_import(part)
            continue
        yield child
        yield from at_import(child)


def is_main(node: ast.AST) -> bool:
    """Return whether it is the block that runs only as a command."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def effects(tree: ast.Module) -> list[str]:
    """Name the reads of clock, environment, files and chance at import."""
    found = []
    for node in at_import(tree):
        looked_at = node.func if isinstance(node, ast.Call) else node
        if not isinstance(looked_at, ast.Attribute | ast.Name):
            continue
        name = ast.unparse(looked_at)
        ends = {".".join(name.split(".")[-length:]) for length in (1, 2)}
        calls = isinstance(node, ast.Call) and ends & CALLS and not name.endswith(".open")
        if calls or name == "os.environ":
            found.append(f"line {looked_at.lineno}: {name}")
    return found


def test_no_module_reads_clock_environment_or_files_at_import() -> None:
    found = {module.name: lines for module in modules() if (lines := effects(module.tree))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nHOME = os.environ['HOME']",
        "from datetime import datetime\nBEGIN = datetime.now()",
        "def late(now=time.time()): ...",
        "HOME = os.getenv('HOME')",
        "class A:\n    words = Path('a').read_text()",
        "if True:\n    X = open('a')",
        "RNG = np.random.default_rng()",
    ],
)
def test_an_effect_at_import_is_found(text: str) -> None:
    assert effects(ast.parse(text))


def test_functions_and_commands_may_have_effects() -> None:
    function = "def f(clock=time.time):\n    return open('a')"
    text = f"{function}\nif __name__ == '__main__':\n    import os; os.environ"
    assert effects(ast.parse(text)) == []


def test_no_file_of_the_project_is_read_when_everything_is_imported() -> None:
    names = [module.name for module in modules() if not module.name.endswith("__main__")]
    watched = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCH, str(PROJECT), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert watched.returncode == 0, watched.stderr
    assert watched.stdout.split() == []
