"""The service as a process of its own."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from service.__main__ import TOLD_TO_END
from service.settings import Settings
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


def is_taken(port: int) -> bool:
    """Return whether the service takes another connection."""
    try:
        return ask(port, "GET", "/health/live")[0] == 200
    except OSError:
        return False


def head_of(port: int, body: bytes, missing: int) -> socket.socket:
    """Begin a request whose last bytes are missing."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body[: len(body) - missing])
    return connection


def test_a_request_under_way_is_answered_before_the_service_ends(artifacts: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service"],
        env=environment(port=port, artifacts=artifacts, drain_seconds=30),
    )
    wait_until_ready(port, process)
    body = json.dumps(make_request(1)).encode()
    with head_of(port, body, 1) as connection:
        ask(port, "GET", "/health/live")  # by now the first request was read
        process.terminate()
        while is_taken(port):
            pass
        connection.sendall(body[-1:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert process.wait(PATIENCE_SECONDS) is not None


def test_it_ends_when_told_while_it_starts_also_as_the_first_process_of_a_container(
    artifacts: Path, tmp_path: Path
) -> None:
    slow = tmp_path / "agreement.toml"
    os.mkfifo(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "service"],
        env=environment(port=free_port(), artifacts=artifacts, agreement=slow),
        preexec_fn=ignore_the_end,
    )
    writer = -1
    try:
        while writer < 0:  # until it reads the agreement, which never comes
            assert process.poll() is None
            select.select([], [], [], PAUSE_SECONDS)
            with suppress(OSError):
                writer = os.open(slow, os.O_WRONLY | os.O_NONBLOCK)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == TOLD_TO_END
    finally:
        process.kill()
        process.wait()
        os.close(writer)


def ignore_the_end() -> None:
    """Do as a container's first process does until it says otherwise."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def is_closed_when_idle(port: int) -> bool:
    """Return whether a connection is closed without a word within four seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        return select.select([connection], [], [], 4.0)[0] != [] and connection.recv(1) == b""


def test_idle_connections_outlive_those_of_usual_balancers() -> None:
    assert Settings().keep_alive_seconds > 60


def test_late_requests_are_given_up_and_idle_connections_closed(
    artifacts: Path,
) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service"],
        env=environment(port=port, artifacts=artifacts, arrival_seconds=1, keep_alive_seconds=2),
        stderr=subprocess.PIPE,
    )
    try:
        wait_until_ready(port, process)
        body = json.dumps(make_request(1)).encode()
        with head_of(port, body, 1) as connection:
            found = connection.recv(65_536)
            assert found.startswith(b"HTTP/1.1 408")
            assert json.loads(found.partition(b"\r\n\r\n")[2])["error"] == "TooSlowError"
        with socket.create_connection(("127.0.0.1", port), timeout=30) as silent:
            assert silent.recv(100).startswith(b"HTTP/1.1 408")
        assert is_closed_when_idle(port)
        assert ask(port, "POST", "/score", make_request(1))[0] == 200
    finally:
        process.terminate()
        assert process.communicate(timeout=PATIENCE_SECONDS)[1] == b""
