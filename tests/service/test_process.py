"""The service as a process of its own."""

import http.client
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import make_bundle, make_request, write_champion

PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.1
FOREIGN = ("mlflow", "pandas", "sklearn", "pyarrow", "matplotlib", "joblib", "training")
WITHOUT_TRAINING = """
import sys
for name in {foreign!r}:
    sys.modules[name] = None  # importing it fails
import json
from pathlib import Path
from starlette.testclient import TestClient
from service.app import create_app
from service.settings import Settings
with TestClient(create_app(Settings(artifacts=Path({artifacts!r})))) as client:
    print(client.post("/score", json=json.loads({body!r})).status_code)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(**settings: object) -> dict[str, str]:
    own = {f"LEAD_SCORING_{name.upper()}": str(value) for name, value in settings.items()}
    return {**os.environ, **own}


def start(**settings: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "service"],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        try:
            if ask(port, "GET", "/health/ready")[0] == 200:
                return
        except OSError:
            select.select([], [], [], PAUSE_SECONDS)
    raise AssertionError("the service did not become ready")


@pytest.fixture
def running(artifacts: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service"], env=environment(port=port, artifacts=artifacts)
    )
    try:
        wait_until_ready(port, process)
        yield port
    finally:
        process.terminate()
        assert process.wait(30) is not None


def test_a_real_server_scores_a_lead(running: int) -> None:
    status, body = ask(running, "POST", "/score", make_request(1))
    assert (status, json.loads(body)["lead_id"]) == (200, "L-1")


def test_a_taken_port_is_a_clear_error(artifacts: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        found = start(port=other.getsockname()[1], artifacts=artifacts)
    assert found.returncode == 2
    assert "is taken by another program" in found.stderr
    assert "Traceback" not in found.stderr


def test_several_datasets_are_a_clear_error(tmp_path: Path) -> None:
    bundle = make_bundle(n_leads=300, n_attributes=3, trees=2)
    write_champion(tmp_path, bundle)
    (tmp_path / "factory").rename(tmp_path / "mine")
    write_champion(tmp_path, bundle)
    found = start(artifacts=tmp_path)
    assert found.returncode == 2
    assert "several datasets (factory, mine)" in found.stderr


def test_an_unknown_dataset_is_a_clear_error(artifacts: Path) -> None:
    found = start(artifacts=artifacts, dataset="none")
    assert found.returncode == 2
    assert "no champion of the dataset 'none'; there are: factory" in found.stderr


def test_a_wrong_setting_is_a_clear_error() -> None:
    found = start(port="http")
    assert found.returncode == 2
    assert found.stderr.startswith("error: LEAD_SCORING_PORT: ")


def test_a_lead_is_scored_without_the_packages_of_training(artifacts: Path) -> None:
    program = WITHOUT_TRAINING.format(
        foreign=FOREIGN, artifacts=str(artifacts), body=json.dumps(make_request(1))
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert found.stdout.strip() == "200", found.stderr
