"""The unit, the image and the compose file fit the service, and lie in the wheel."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from setuptools import find_namespace_packages  # type: ignore[import-untyped]

from service.access.scopes import SCOPES
from service.keys import parser as keys_parser
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
    head = " ".join(path.read_text(encoding="utf-8").splitlines()[:5])
    assert re.search(r"Not (executed where it was written|run: )", head)


def test_the_unit_runs_the_service_and_lets_it_drain() -> None:
    said = unit()
    assert said["ExecStart"][0].endswith("/python -m service")
    assert said["KillSignal"] == ["SIGTERM"]
    settings = dict(line.split("=", 1) for line in said["Environment"])
    drain = int(settings[f"{PREFIX}DRAIN_SECONDS"])
    assert int(said["TimeoutStopSec"][0]) > drain
    assert settings[f"{PREFIX}PORT"] == PORT


def verified(text: str, folder: Path) -> str:
    """Return what systemd finds wrong with the unit on this machine."""
    path = folder / UNIT.name
    path.write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8")
    text = re.sub("^ExecStart=[^ ]+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE)
    text = text.replace("/opt/lead-scoring", str(PROJECT))
    assert verified(text, tmp_path) == ""
    wrong = text.replace("TimeoutStopSec=30", "TimeoutStopSec=soon")
    assert "Failed to parse time value" in verified(wrong, tmp_path)


def test_the_unit_names_paths_that_there_are_below_the_project() -> None:
    for name in re.findall(r"/opt/lead-scoring/(\S+)", UNIT.read_text(encoding="utf-8")):
        assert name.startswith(".venv/bin/python") or (PROJECT / name).exists(), name
    said = unit()
    [home] = said["StateDirectory"]
    for line in said["Environment"]:
        name, value = line.split("=", 1)
        if name.endswith(("_ARTIFACTS", "_DATABASE_URL")):  # all else is read-only
            assert f"/var/lib/{home}/" in value


@pytest.mark.parametrize("path", [UNIT, IMAGE, COMPOSE], ids=lambda path: path.name)
def test_commands_are_modules_that_can_be_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('", "', " ")
    modules = set(re.findall(r"-m ((?:service|training)[\w.]*)", text))
    assert modules
    for name in modules:
        spec = find_spec(name)
        assert spec is not None
        if spec.submodule_search_locations is not None:
            assert find_spec(f"{name}.__main__") is not None, name


def test_the_first_key_is_made_as_the_compose_file_says() -> None:
    text = COMPOSE.read_text(encoding="utf-8").replace("\\\n#", "")
    [said] = re.findall(r"-m service\.keys (.+)", text)
    options = keys_parser().parse_args(said.split())
    assert (options.what, set(options.scopes.split(",")) <= set(SCOPES)) == ("make", True)


def test_all_settings_that_are_set_are_accepted() -> None:
    said = dict(line.split("=", 1) for line in unit()["Environment"])
    service = compose()["services"]["service"]["environment"]
    image = dict(re.findall(rf"({PREFIX}\w+)=(\S+)", IMAGE.read_text(encoding="utf-8")))
    for given in (said, service | image):
        values: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): value for name, value in given.items()
        }
        made = Settings(**values)
        assert made.model_fields_set == set(values)


def test_service_and_database_of_the_compose_file_find_each_other() -> None:
    services = compose()["services"]
    database = services["postgres"]["environment"]
    url = services["service"]["environment"][f"{PREFIX}DATABASE_URL"]
    assert url == (
        f"postgresql://{database['POSTGRES_USER']}:{database['POSTGRES_PASSWORD']}"
        f"@postgres/{database['POSTGRES_DB']}"
    )
    assert services["service"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    locked = (PROJECT / "requirements" / "service.txt").read_text(encoding="utf-8")
    assert re.search(r"^psycopg==", locked, re.MULTILINE)
    [bundles] = services["service"]["volumes"]
    where = f"{PREFIX}ARTIFACTS=/var/lib/lead-scoring/artifacts"
    assert where in IMAGE.read_text(encoding="utf-8")
    # the service leaves requests there, so that the folder cannot be read-only
    assert bundles == "../../models/artifacts:/var/lib/lead-scoring/artifacts"


def test_mlflow_of_the_compose_file_knows_its_options_and_is_locked() -> None:
    server = compose()["services"]["mlflow"]
    [locked] = re.findall(r"--requirement (\S+)", server["command"])
    assert f"../../requirements:{Path(locked).parent}:ro" in server["volumes"]
    text = (PROJECT / "requirements" / Path(locked).name).read_text(encoding="utf-8")
    assert re.search(r"^mlflow==", text, re.MULTILINE)
    asked = set(re.findall(r"--[\w-]+", server["command"].split("mlflow server", 1)[1]))
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", "server", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked <= set(re.findall(r"--[\w-]+", done.stdout))


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
