"""`make run` does what is missing, and nothing twice."""

import http.server
import json
import shlex
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.example_lead import curl, example_lead
from service.launch import (
    CHAMPION,
    COMPLETE,
    TITLE,
    greeting,
    let_sample_come,
    main,
    pages,
    prepare,
    wait_until_ready,
    who_answers,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Recorder:
    """Stands in for the commands: remembers them, and leaves what they would leave."""

    def __init__(self, folder: Path, status: int = 0) -> None:
        self.folder = folder
        self.status = status
        self.started: list[str] = []

    def __call__(self, command: Sequence[str]) -> int:
        assert command[:2] == [sys.executable, "-m"]
        self.started.append(command[2])
        left = COMPLETE if command[2] == "training.simulate" else CHAMPION
        (self.folder / left).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / left).touch()
        return self.status


@contextmanager
def program(body: bytes, status: int = 200) -> Iterator[int]:
    """Answer everything with one body, on a free port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def ours() -> bytes:
    return json.dumps({"info": {"title": TITLE}}).encode()


def test_the_first_run_makes_a_sample_and_trains(tmp_path: Path) -> None:
    run = Recorder(tmp_path)
    assert prepare(tmp_path, run) == 0
    assert run.started == ["training.simulate", "training.train"]


def test_the_second_run_does_nothing_again(tmp_path: Path) -> None:
    prepare(tmp_path, Recorder(tmp_path))
    again = Recorder(tmp_path)
    assert prepare(tmp_path, again) == 0
    assert again.started == []


def test_a_complete_sample_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / COMPLETE).parent.mkdir(parents=True)
    (tmp_path / COMPLETE).touch()
    run = Recorder(tmp_path)
    prepare(tmp_path, run)
    assert run.started == ["training.train"]


def test_leads_of_the_sample_come_where_there_is_one(tmp_path: Path) -> None:
    run = Recorder(tmp_path)
    let_sample_come(tmp_path, run)
    assert run.started == []
    prepare(tmp_path, run)
    let_sample_come(tmp_path, run)
    assert run.started[-1] == "service.sample"


def test_a_failed_step_ends_the_run_with_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Recorder(tmp_path, status=3)
    assert prepare(tmp_path, run) == 3
    assert run.started == ["training.simulate"]
    assert "training.simulate" in capsys.readouterr().err


def test_a_free_port_answers_to_nobody() -> None:
    assert who_answers(free_port()) == "nobody"


def test_the_service_is_known_by_its_title() -> None:
    from service import app

    assert app.TITLE == TITLE


def test_a_running_service_is_recognised_and_its_address_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with program(ours()) as port:
        assert main(["--port", str(port)]) == 0
    assert f"http://127.0.0.1:{port}/docs" in capsys.readouterr().out


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b'{"info": []}', b'{"info": {"title": "Another"}}']
)
def test_a_foreign_program_on_the_port_is_a_clear_error(
    body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with program(body) as port:
        assert main(["--port", str(port)]) == 1
    assert f"Port {port} is taken by another program" in capsys.readouterr().err


def test_a_program_that_speaks_no_http_is_foreign() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert who_answers(silent.getsockname()[1], seconds=0.1) == "foreign"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([f"--port={port}"])
    assert "expected 1 to 65535" in capsys.readouterr().err


def test_pages_that_are_not_there_are_not_named() -> None:
    assert pages([free_port()]) is None
    assert "/app" not in greeting("http://127.0.0.1:1", NOW, "Ready.", None)


def test_a_link_has_its_secret_where_no_log_sees_it() -> None:
    with program(b"the log-in") as port:
        link = pages([free_port(), port], "secret") or ""
        assert pages([port]) == f"http://127.0.0.1:{port}/app/"
    assert link == f"http://127.0.0.1:{port}/app/login#link=secret"
    assert link in greeting("http://127.0.0.1:1", NOW, "Ready.", link)


def test_waiting_ends_when_the_service_is_ready() -> None:
    answers = iter([False, False, True])
    assert wait_until_ready(lambda: next(answers), lambda: True, sleep=lambda _: None)


def test_waiting_ends_when_the_service_has_ended() -> None:
    alive = iter([True, False])
    assert not wait_until_ready(lambda: False, lambda: next(alive), sleep=lambda _: None)


def test_waiting_has_an_end() -> None:
    clock = iter(range(0, 10_000, 50))
    ready = wait_until_ready(
        lambda: False, lambda: True, clock=lambda: float(next(clock)), sleep=lambda _: None
    )
    assert not ready


def test_the_printed_command_is_one_request_that_a_shell_understands() -> None:
    words = shlex.split(curl("http://127.0.0.1:8000", example_lead(NOW)))
    assert words[:3] == ["curl", "-s", "http://127.0.0.1:8000/score"]
    assert json.loads(words[-1]) == example_lead(NOW)


def test_the_example_is_fresh_at_any_time() -> None:
    activities = example_lead(NOW)["activities"]
    assert activities[-1] == {"kind": "demo_request", "occurred_at": "2026-02-28T09:30:00Z"}
    assert all(example_lead(NOW)["created_at"] <= each["occurred_at"] for each in activities)
