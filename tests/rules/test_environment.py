"""The environment is made where it can be, and says what is missing where it cannot."""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules.source import PROJECT

SCRIPT = PROJECT / "requirements" / "environment.py"
what_is_missing: Callable[..., str | None] = runpy.run_path(str(SCRIPT))["what_is_missing"]

BLOCKED = """
import importlib.abc, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"mlflow", "pandas", "sklearn", "pyarrow", "matplotlib",
                                      "joblib", "nicegui"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import service.app, models.scorer, lightgbm
"""


def test_an_old_python_is_refused_with_the_way_out() -> None:
    text = what_is_missing((3, 10), openmp=lambda: True, ensurepip=True)
    assert text is not None
    assert "Python 3.11 or newer" in text
    assert "PYTHON=" in text


def test_a_missing_openmp_library_is_named_with_the_way_out() -> None:
    text = what_is_missing((3, 11), openmp=lambda: False, ensurepip=True)
    assert text is not None
    assert "libgomp.so.1" in text
    assert "apt-get install libgomp1" in text


def test_a_python_without_pip_is_named_with_the_way_out() -> None:
    text = what_is_missing((3, 13), openmp=lambda: True, ensurepip=False)
    assert text is not None
    assert "python3-venv" in text


def test_nothing_is_in_the_way_of_a_complete_machine() -> None:
    assert what_is_missing((3, 11), openmp=lambda: True, ensurepip=True) is None


def test_the_script_stands_on_the_standard_library_alone() -> None:
    names = re.findall(r"^(?:import|from) (\w+)", SCRIPT.read_text(), re.MULTILINE)
    assert set(names) <= sys.stdlib_module_names


def test_the_service_starts_where_training_is_not_installed() -> None:
    started = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BLOCKED],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("absent", ["mlflow", "pandas", "scikit-learn", "pyarrow", "torch"])
def test_the_service_lock_leaves_training_out(absent: str) -> None:
    lock: Path = PROJECT / "requirements" / "service.txt"
    assert re.search(rf"^{absent}==", lock.read_text(), re.MULTILINE) is None


def test_the_service_runs_on_what_was_tested() -> None:
    def pins(name: str) -> set[str]:
        text = (PROJECT / "requirements" / name).read_text()
        return set(re.findall(r"^([\w.-]+==[^ \\]+)", text, re.MULTILINE))

    assert pins("service.txt") <= pins("dev.txt")
