"""`make audit` never takes a package for safe that nobody could look up."""

import importlib.util
import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from tests.rules.source import PROJECT


@pytest.fixture
def audit() -> ModuleType:
    path = PROJECT / "requirements" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def saying(*packages: dict[str, Any]) -> Any:
    def run(command: Sequence[str]) -> tuple[str, str]:
        return json.dumps({"dependencies": list(packages)}), ""

    return run


SAFE = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "code", "told"),
    [
        ([SAFE], 0, "requirements/service.txt: 1 packages looked up\n"),
        ([SAFE, BAD], 1, "b 2: CVE-1, mended in 2.1\n"),
        ([SKIPPED], 2, "NOT CHECKED, since no vulnerability service can be asked from here"),
        ([SAFE, SKIPPED], 2, "1 packages looked up; 1 of 2 packages are not known\n"),
    ],
)
def test_what_could_not_be_looked_up_is_told(
    audit: ModuleType,
    capsys: pytest.CaptureFixture[str],
    packages: list[dict[str, Any]],
    code: int,
    told: str,
) -> None:
    assert audit.main(saying(*packages)) == code
    assert told in capsys.readouterr().out


def test_a_service_that_cannot_be_reached_is_told(
    audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(lambda command: ("", "ERROR: could not connect")) == 2
    assert "(ERROR: could not connect)" in capsys.readouterr().out


def test_every_lock_file_is_looked_up(audit: ModuleType) -> None:
    assert set(audit.LOCKS) == {path.name for path in (PROJECT / "requirements").glob("*.txt")}
