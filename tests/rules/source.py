"""The project's own source, as the rules look at it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("features", "models", "training", "service")
NOT_SOURCE = {"__pycache__", "artifacts"}


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file.

    Parameters
    ----------
    name : str
        As it is imported: "features.space".
    path : Path
        Its file.
    tree : ast.Module
        What it says.
    """

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The top package."""
        return self.name.partition(".")[0]

    @property
    def unit(self) -> str:
        """The module or folder right under the package: "features.attributes"."""
        return ".".join(self.name.split(".")[:2])


def module_of(path: Path, root: Path = PROJECT) -> Module:
    """Read one file below a root."""
    parts = list(path.relative_to(root).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return Module(".".join(parts), path, ast.parse(path.read_text(encoding="utf-8")))


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """Return the modules of some packages, of all four where none is named."""
    return tuple(
        module_of(path)
        for package in packages or PACKAGES
        for path in sorted((PROJECT / package).rglob("*.py"))
        if not NOT_SOURCE & set(path.parts)
    )


def imports(module: Module) -> Iterator[str]:
    """Yield the full names that a module imports, wherever in it that stands."""
    is_package = module.path.name == "__init__.py"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parents = module.name.split(".")
                parents = parents[: len(parents) - node.level + is_package]
                origin = ".".join([*parents, origin] if origin else parents)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def imported_units(module: Module) -> set[str]:
    """Return the units of the project that a module imports, as far as they exist."""
    known = {other.unit for other in modules()}
    return {unit for name in imports(module) if (unit := ".".join(name.split(".")[:2])) in known}


def docstring_lines(tree: ast.AST) -> int:
    """Count the lines of all docstrings below a node."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if first is not None and ast.get_docstring(node, clean=False) is not None:
                count += (first.end_lineno or first.lineno) - first.lineno + 1
    return count


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body without its docstring."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
