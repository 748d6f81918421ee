"""The sample rules and the sample dashboard name only metrics that there are."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.rules.source import PROJECT

SAMPLES = [PROJECT / "service" / "operation" / name for name in ("alerts.yml", "dashboard.json")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_name_only_metrics_that_there_are(client: TestClient, path: Path) -> None:
    told = re.findall(r"^# TYPE (\w+) (\w+)", client.get("/metrics").text, re.MULTILINE)
    known = {name for name, _ in told}
    known |= {f"{name}_bucket" for name, kind in told if kind == "histogram"}
    named = set(re.findall(r"\blead_scoring_\w+", path.read_text(encoding="utf-8")))
    assert named
    assert named <= known
