"""What the READMEs claim is there."""

import functools
import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.rules.source import PACKAGES, PROJECT
from tests.rules.test_makefile import MAKEFILE, TARGETS

README = PROJECT / "README.md"
READMES = [
    README,
    PROJECT / "README.zh-CN.md",
    PROJECT / "CHANGELOG.md",
    *sorted(
        path
        for folder in (*PACKAGES, "notebooks")
        for path in (PROJECT / folder).rglob("*.md")
        if "artifacts" not in path.parts
    ),
]
EACH = pytest.mark.parametrize(
    "readme", READMES, ids=[str(path.relative_to(PROJECT)) for path in READMES]
)
METHODS = "GET|POST|PUT|PATCH|DELETE"


@functools.cache
def interface() -> dict[str, Any]:
    """Return the service's description of itself."""
    from service.app import create_app
    from service.settings import Settings

    return dict(create_app(Settings()).openapi())


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of one language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def example(kind: str) -> dict[str, Any]:
    """Return the request or the answer that the top README shows."""
    text = README.read_text(encoding="utf-8")
    if kind == "answer":
        answer: dict[str, Any] = json.loads(blocks(text, "json")[0])
        return answer
    request = next(block for block in blocks(text, "sh") if block.startswith("curl"))
    body: dict[str, Any] = json.loads(shlex.split(request)[-1])
    return body


def fields(name: str) -> set[str]:
    """Return the fields of a schema, and of those inside it, that the interface describes."""
    return set(interface()["components"]["schemas"][name]["properties"])


def schema_of(reference: dict[str, Any]) -> str:
    """Return the schema's name that a JSON content refers to."""
    return str(reference["content"]["application/json"]["schema"]["$ref"]).rpartition("/")[2]


@EACH
def test_commands_exist(readme: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)\b(?= *[`#=A-Z\n])", readme.read_text()))
    assert named <= set(TARGETS)


@EACH
def test_variables_of_commands_exist(readme: Path) -> None:
    lines = re.findall(r"\bmake [a-z-]+ (.*)", readme.read_text())
    named = {name for line in lines for name in re.findall(r"\b([A-Z]+)=", line)}
    known = set(re.findall(r"\b([A-Z]+)=", MAKEFILE)) | {"PYTHON"}
    assert named <= known


@EACH
def test_modules_that_are_run_exist(readme: Path) -> None:
    named = set(re.findall(r"python -m ([a-z_.]+[a-z_])", readme.read_text()))
    assert {name for name in named if importlib.util.find_spec(name) is None} == set()


@EACH
def test_linked_files_exist(readme: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", readme.read_text(encoding="utf-8"))
    assert [link for link in links if not (readme.parent / link).exists()] == []


@EACH
def test_routes_exist(readme: Path) -> None:
    named = set(re.findall(rf"\b({METHODS}) (/[\w/{{}}-]*)", readme.read_text()))
    known = {
        (method.upper(), path)
        for path, methods in interface()["paths"].items()
        for method in methods
    }
    assert named <= known | {("GET", "/docs"), ("GET", "/openapi.json")}


@EACH
def test_settings_exist(readme: Path) -> None:
    from service.crm.settings import CrmSettings
    from service.settings import Settings

    named = set(re.findall(r"\bLEAD_SCORING_([A-Z_]*[A-Z])\b", readme.read_text()))
    known = {name.upper() for name in {**Settings.model_fields, **CrmSettings.model_fields}}
    # where tests look for data that is not shipped
    assert named - {"REAL_DATA"} <= known


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


def test_the_example_request_is_what_the_service_takes() -> None:
    schema = schema_of(interface()["paths"]["/score"]["post"]["requestBody"])
    assert set(example("request")) <= fields(schema)


def test_the_example_answer_has_the_fields_that_the_service_gives() -> None:
    schema = schema_of(interface()["paths"]["/score"]["post"]["responses"]["200"])
    assert set(example("answer")) == fields(schema)


def test_the_example_answer_adds_up() -> None:
    answer = example("answer")
    assert round(sum(answer["ledger"].values())) == answer["score"]


def test_every_field_of_the_answer_is_explained() -> None:
    text = README.read_text(encoding="utf-8")
    unexplained = {
        name for name in example("answer") if f"`{name}`" not in text.partition("What the")[2]
    }
    assert unexplained - {"lead_id", "scored_at", "degraded"} == set()
