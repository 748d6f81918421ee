"""The answer that the README shows is the one that a newcomer gets."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service import launch
from service.app import create_app
from service.settings import Settings
from tests.rules.source import PROJECT
from tests.rules.test_readmes import example


def answer_of_a_newcomer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Make the sample and train as `make run` does, then ask the service."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
    (folder / "training").symlink_to(PROJECT / "training")

    def run(command: Any) -> int:
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode

    assert launch.prepare(folder, run) == 0
    settings = Settings(
        artifacts=folder / launch.ARTIFACTS,
        dataset=launch.DATASET,
        agreement=PROJECT / "agreement.toml",
    )
    with TestClient(create_app(settings)) as client:
        answer: dict[str, Any] = client.post("/score", json=request).json()
    return answer


@pytest.mark.prove
def test_a_newcomer_gets_the_answer_that_is_shown(tmp_path: Path) -> None:
    expected = example("answer")
    answer = answer_of_a_newcomer(tmp_path, example("request"))
    moment = "scored_at"
    figures = {"probability", "evidence", "ledger"}
    same = expected.keys() - figures - {"reasons", moment}
    assert {name: answer[name] for name in same} == {name: expected[name] for name in same}
    assert answer["probability"] == pytest.approx(expected["probability"], abs=0.001)
    for name in ("evidence", "ledger"):
        assert answer[name] == pytest.approx(expected[name], abs=0.001)
    assert [each["text"] for each in answer["reasons"]] == [
        each["text"] for each in expected["reasons"]
    ]
