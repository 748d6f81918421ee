"""What a registered model needs besides its bundle: our code and the packages it stands on."""

import shutil
from importlib.metadata import version
from pathlib import Path

import features
import models

NEEDED = ("mlflow", "pandas", "numpy", "numba", "lightgbm", "pydantic")
LEFT_OUT = ("__pycache__", "artifacts", "*.pyc", "*.nbi", "*.nbc")


def requirements() -> list[str]:
    """Return the packages, pinned to the versions at hand."""
    return [f"{name}=={version(name)}" for name in NEEDED]


def stage_code(folder: Path) -> list[str]:
    """Copy the packages that a model runs on into a folder; return their paths.

    Bundles and machine code that may lie among them are left out.
    """
    paths = []
    for package in (features, models):
        source = Path(next(iter(package.__path__)))
        target = folder / package.__name__
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
        paths.append(str(target))
    return paths
