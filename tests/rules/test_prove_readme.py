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
from service.store.opened import open_store
from service.store.writer import GroupWriter
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
    store = open_store(settings)
    assert store is not None
    writer = GroupWriter(store)
    with TestClient(create_app(settings, sink=writer, store=store)) as client:
        answer: dict[str, Any] = client.post("/score", json=request).json()
    writer.close()
    return answer


def rounded(value: Any) -> Any:
    """Return a value as the README shows it: three digits of each figure."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return value


@pytest.mark.prove
def test_a_newcomer_gets_the_answer_that_is_shown(tmp_path: Path) -> None:
    expected = example("answer")
    answer = answer_of_a_newcomer(tmp_path, example("request"))
    own = {"scored_at", "decision_id"}
    figures = {"probability", "evidence", "ledger"}
    same = expected.keys() - figures - {"reasons"} - own
    shown = {name: rounded(answer[name]) for name in same}
    assert shown == {name: expected[name] for name in same}
    assert answer["probability"] == pytest.approx(expected["probability"], abs=0.001)
    for name in ("evidence", "ledger"):
        assert answer[name] == pytest.approx(expected[name], abs=0.001)
    assert [each["text"] for each in answer["reasons"]] == [
        each["text"] for each in expected["reasons"]
    ]
