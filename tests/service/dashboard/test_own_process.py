"""Beside several workers the pages have a process of their own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.factories import make_request
from tests.required import missing
from tests.service.test_process import ask, environment, free_port
from tests.service.test_workers import wait_until


def there(port: int, path: str = "/app/login") -> bool:
    return ask(port, "GET", path)[0] == 200


def process_of(parent: int, module: str) -> int:
    """Return which child of a process runs a module, 0 where none does."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for one in children:
        if module.encode() in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0"):
            return int(one)
    return 0


def test_workers_and_pages_share_the_store_and_end_together(
    artifacts: Path, tmp_path: Path
) -> None:
    try:
        import nicegui  # noqa: F401 # whether it is installed
    except ImportError:
        missing("needs the extra dashboard")
    port, beside = free_port(), free_port()
    told = {
        "port": port,
        "dashboard_port": beside,
        "workers": 2,
        "artifacts": artifacts,
        "database_url": f"sqlite:///{tmp_path / 'leads.db'}",
    }
    service = subprocess.Popen([sys.executable, "-m", "service"], env=environment(**told))
    try:
        wait_until(lambda: there(port, "/health/ready") and there(beside), service)
        lead = make_request(1) | {"previous_label": "SQL", "handed_over_at": "2026-01-01T00:00:00Z"}
        assert ask(port, "POST", "/score", lead)[0] == 200
        status, page = ask(beside, "GET", "/app/lead/L-1")
        assert (status, b"L-1" in page) == (200, True)
        assert ask(port, "GET", "/app/login")[0] == 404
        assert ask(beside, "POST", "/score", lead)[0] == 404
        first = process_of(service.pid, "service.dashboard")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: process_of(service.pid, "service.dashboard") not in (0, first), service)
        assert ask(port, "POST", "/score", lead)[0] == 200
        wait_until(lambda: there(beside), service)
        second = process_of(service.pid, "service.dashboard")
    finally:
        service.terminate()
        code = service.wait(60)
    assert code == 0
    assert not Path(f"/proc/{second}").exists()


def test_a_taken_port_is_told_with_the_setting_that_chooses_another(artifacts: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        told = environment(artifacts=artifacts, dashboard_port=other.getsockname()[1])
        command = [sys.executable, "-m", "service.dashboard"]
        found = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "choose another LEAD_SCORING_DASHBOARD_PORT" in found.stderr
