"""The unit, the image and the compose file fit the service, and lie in the wheel."""

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from setuptools import find_namespace_packages  # type: ignore[import-untyped]

from service.settings import PREFIX, Settings
from tests.rules.source import PROJECT

OPERATION = PROJECT / "service" / "operation"
UNIT, IMAGE, COMPOSE = (
    OPERATION / name for name in ("lead-scoring.service", "Dockerfile", "compose.yml")
)
PORT = str(Settings.model_fields["port"].default)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def unit() -> dict[str, list[str]]:
    """Return the keys of [Service], of which some come more than once."""
    found: dict[str, list[str]] = {}

    class Every(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, list):
                found.setdefault(key, []).extend(value)
            super().__setitem__(key, value)

    parser = configparser.ConfigParser(dict_type=Every, strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as it is documented
    parser.read(UNIT, encoding="utf-8")
    assert parser.sections() == ["Unit", "Service", "Install"]
    return found


@pytest.mark.parametrize("path", [UNIT, IMAGE, COMPOSE], ids=lambda path: path.name)
def test_only_settings_that_there_are_are_set(path: Path) -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)", path.read_text(encoding="utf-8")))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize("path", [UNIT, IMAGE, COMPOSE], ids=lambda path: path.name)
def test_the_first_lines_say_what_was_not_executed(path: Path) -> None:
    head = " ".join(path.read_text(encoding="utf-8").splitlines()[:3])
    assert re.search(r"Not (executed|built) where it was written", head)


def test_the_unit_runs_the_service_and_lets_it_drain() -> None:
    said = unit()
    assert said["ExecStart"][0].endswith("/python -m service")
    assert said["KillSignal"] == ["SIGTERM"]
    settings = dict(line.split("=", 1) for line in said["Environment"])
    drain = int(settings[f"{PREFIX}DRAIN_SECONDS"])
    assert int(said["TimeoutStopSec"][0]) > drain
    assert settings[f"{PREFIX}PORT"] == PORT


def test_the_image_is_made_of_files_that_there_are() -> None:
    text = IMAGE.read_text(encoding="utf-8")
    for files in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        for name in files.split():
            assert (PROJECT / name).exists(), name
    assert f"EXPOSE {PORT}\n" in text
    assert f"127.0.0.1:{PORT}/health/live" in text
    assert 'ENTRYPOINT ["python", "-m", "service"]' in text


def test_the_compose_file_has_service_database_and_mlflow_on_this_machine_alone() -> None:
    services = compose()["services"]
    assert set(services) == {"service", "postgres", "mlflow"}
    assert services["service"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert all(
        port.startswith("127.0.0.1:") for s in services.values() for port in s.get("ports", [])
    )
    image = services["service"]["build"]
    assert (COMPOSE.parent / image["context"] / image["dockerfile"]).resolve() == IMAGE
    stop = int(services["service"]["stop_grace_period"].removesuffix("s"))
    assert stop > int(services["service"]["environment"][f"{PREFIX}DRAIN_SECONDS"])


def test_rules_and_unit_lie_in_the_wheel() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    where = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert "service.operation" in find_namespace_packages(str(PROJECT), include=where)
    patterns = project["tool"]["setuptools"]["package-data"]["service.operation"]
    inside = {path for pattern in patterns for path in OPERATION.glob(pattern)}
    assert inside == {
        path for path in OPERATION.iterdir() if path.is_file() and path.suffix != ".py"
    }
