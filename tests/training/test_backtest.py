"""Promises of looking back at past moments."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FAST
from training.backtest import main

LEAST = ("splitting.origins=1", "boosting.most_trees=10", "choosing.trials=1")


@pytest.fixture
def look_back(simulated_export: Path, simulated_mapping: Path, tmp_path: Path) -> "LookBack":
    return LookBack(simulated_export / "leads.csv", simulated_mapping, tmp_path)


class LookBack:
    """The command on a small export.

    Parameters
    ----------
    leads, mapping, folder : Path
        The folder is for its figures.
    """

    def __init__(self, leads: Path, mapping: Path, folder: Path) -> None:
        self._files = ["--leads", str(leads), "--mapping", str(mapping), "--quiet"]
        self._folder = folder

    def __call__(self, *more: str) -> int:
        """Run it."""
        settings = [f"--set={setting}" for setting in (*FAST, *LEAST)]
        out = ["--origins", "1", "--out", str(self._folder / "found.json")]
        return main([*self._files, *settings, *out, *more])

    def figures(self) -> dict[str, Any]:
        """Return what it left."""
        found: dict[str, Any] = json.loads((self._folder / "found.json").read_text("utf-8"))
        return found


def test_features_in_a_file_give_the_figures_that_memory_gives(
    look_back: LookBack, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert look_back() == 0
    in_memory = look_back.figures()
    assert look_back("--set=memory_mb=0", "--scratch", str(scratch)) == 0
    assert look_back.figures() == in_memory
    assert len(in_memory["origins"]) == 1
    assert list(scratch.iterdir()) == []


def test_a_folder_that_cannot_hold_features_is_named(
    look_back: LookBack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = tmp_path / "absent"
    assert look_back("--set=memory_mb=0", "--scratch", str(absent)) == 2
    assert f"features cannot be written to {absent}" in capsys.readouterr().err
