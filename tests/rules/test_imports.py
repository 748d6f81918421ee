"""Which module may import which: the layers of the project."""

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.rules.source import (
    PACKAGES,
    Module,
    imported_units,
    imports,
    module_of,
    modules,
)

MAY_IMPORT = {
    "features": {"features"},
    "models": {"features", "models"},
    "training": {"features", "models", "training"},
    "service": {"features", "models", "service"},
}
ONLY_IN = {
    "training": {
        *("mlflow", "pandas", "sklearn", "pyarrow", "pyspark"),
        *("matplotlib", "joblib", "tqdm"),
    },
    "service": {
        "fastapi",
        "fastapi_offline",
        "starlette",
        "uvicorn",
        "pydantic_settings",
        "nicegui",
    },
}
ALSO_IN = {("service.importing.parquet", "pyarrow")}
"""What a module of another package may import where it is used, and tell when it is not there."""
FOREIGN_IN = {
    "features": {"numpy", "numba"},
    "models": {"numpy", "numba", "lightgbm", "pydantic"},
}
# inside a package a unit may only import those that stand before it here
ORDER = (
    "features.errors",
    "features.arrays",
    "features.column",
    "features.leads",
    "features.attributes",
    "features.space",
    "features.records",
    "models.score",
    "models.explain",
    "models.bundle",
    "models.scorer",
)
STANDARD = sys.stdlib_module_names


def broken_layers(module: Module) -> list[str]:
    """Say what a module imports although its layer forbids it."""
    broken = []
    for name in imports(module):
        top = name.partition(".")[0]
        if (module.name, top) in ALSO_IN:
            continue
        if top in PACKAGES or top == "tests":
            if top not in MAY_IMPORT[module.package]:
                broken.append(f"{module.name} imports {name}")
        elif any(top in names and module.package != home for home, names in ONLY_IN.items()) or (
            top not in STANDARD and top not in FOREIGN_IN.get(module.package, {top})
        ):
            broken.append(f"{module.name} imports {name}")
    return broken


def a_module(folder: Path, name: str, text: str) -> Module:
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return module_of(path, folder)


def test_layers_are_kept() -> None:
    assert [line for module in modules() for line in broken_layers(module)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("features.x", "import models.scorer"),
        ("features.x", "from lightgbm import Booster"),
        ("models.x", "def f():\n    import pandas as pd"),
        ("models.x", "from service import app"),
        ("service.x", "import training.train"),
        ("service.x", "from sklearn.metrics import log_loss"),
        ("service.api.x", "from mlflow import client"),
        ("training.x", "from service.settings import Settings"),
        ("training.x", "import fastapi"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, name: str, text: str) -> None:
    assert broken_layers(a_module(tmp_path, name, text))


def test_relative_imports_are_resolved(tmp_path: Path) -> None:
    module = a_module(tmp_path, "models.score.x", "from ..bundle import read\nfrom . import trees")
    assert list(imports(module)) == ["models.bundle.read", "models.score.trees"]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_inside_a_package_have_one_direction(package: str) -> None:
    graph: dict[str, set[str]] = {}
    for module in modules(package):
        within = {unit for unit in imported_units(module) if unit.startswith(f"{package}.")}
        graph.setdefault(module.unit, set()).update(within - {module.unit})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as cycle:
        pytest.fail(" <- ".join(cycle.args[1]))


def test_the_order_of_features_and_models_is_kept() -> None:
    place = {unit: position for position, unit in enumerate(ORDER)}
    backwards = [
        f"{module.name} imports {unit}"
        for module in modules("features", "models")
        for unit in imported_units(module)
        if unit in place and place[unit] > place.get(module.unit, len(ORDER))
    ]
    assert backwards == []


def test_the_agreement_knows_no_model() -> None:
    known = {"models.score", "models.explain", "models.bundle", "models.scorer"}
    assert [
        f"{module.name} imports {unit}"
        for module in modules("models")
        if module.unit == "models.agreement"
        for unit in imported_units(module) & known
    ] == []
