"""The commands of the project explain themselves."""

import os
import re
import subprocess

import pytest

from tests.rules.source import PROJECT

MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)
PROMISED = [
    *(
        "setup",
        "setup-spark",
        "run",
        "test",
        "train",
        "promote",
        "rollback",
        "deploy",
        "notebooks",
        "lab",
        "serve",
    ),
    *(
        "rescore",
        "mlflow",
        "mlflow-serve",
        "bench",
        "bench-dashboard",
        "growth",
        "screenshots",
        "prove",
        "fuzz",
        "audit",
        "lint",
        "format",
        "lock",
        "clean",
        "help",
    ),
]


def make(*arguments: str) -> str:
    """Return what make would do, or does for help, without variables of the outer make."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_every_promised_command_exists() -> None:
    assert TARGETS == PROMISED


def test_help_explains_every_command() -> None:
    explained = re.findall(r"^make ([a-z-]+) +\S.+$", make("help"), re.MULTILINE)
    assert explained == PROMISED


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ([], '--leads "data/sample/leads.csv" --mapping "training/mappings/simulated.toml"'),
        (["DATA=pyproject.toml", "MAPPING=m.toml"], '--leads "pyproject.toml" --mapping "m.toml"'),
        (["ACTIVITIES=a.csv"], '--activities "a.csv"'),
        (["HISTORY=h.csv"], '--history "h.csv"'),
    ],
)
def test_variables_choose_the_export(variables: list[str], expected: str) -> None:
    assert expected in make("--dry-run", "train", *variables)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (["DATASET=mine"], '--dataset "mine"'),
        (["FORCE=agreed with sales"], '--force "agreed with sales"'),
        (["APPROVE=1"], "--approve-volume"),
    ],
)
def test_variables_say_how_to_promote(variables: list[str], expected: str) -> None:
    assert expected in make("--dry-run", "promote", *variables)
    assert expected not in make("--dry-run", "promote")


def test_an_own_export_needs_no_sample() -> None:
    assert "training.simulate" not in make("--dry-run", "train", "DATA=pyproject.toml")


def test_telemetry_is_off() -> None:
    assert "export MLFLOW_DISABLE_TELEMETRY := true" in MAKEFILE
