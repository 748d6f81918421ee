"""A real process under load: what is too much is refused, and nothing stays behind.

The short forms of what `test_prove_load.py` measures.
"""

import http.client
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from service.serve import ACCEPTED_AT_ONCE, listening
from tests.factories import make_request
from tests.service.careful import check_careful
from tests.service.load import Answers, send
from tests.service.test_process import ask
from tests.service.test_prove_load import resident_bytes, serving

BODY = json.dumps(make_request(1)).encode()
MOST_GROWTH = 15_000_000
"""Bytes; a decision that stays in memory for each of some thousand requests is more."""


def busy(port: int, connections: int, seconds: float) -> Answers:
    """Return the answers to connections that are busy all the time."""
    return send(port, "/score", BODY, rate=0, seconds=seconds, connections=connections)


def headers_of_a_refusal(port: int, flood: threading.Thread) -> dict[str, str]:
    """Ask until a request is refused; return what the refusal says besides."""
    while flood.is_alive():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/score", BODY, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status == 503:
            return {name.lower(): value for name, value in answer.getheaders()}
    return pytest.fail("nobody was refused")


def shed(port: int) -> float:
    lines = ask(port, "GET", "/metrics")[1].decode().splitlines()
    return sum(float(one.split()[-1]) for one in lines if one.startswith("lead_scoring_shed_total"))


def test_a_crowd_is_refused_in_part_health_is_told_and_it_is_over_soon(tmp_path: Path) -> None:
    health: list[int] = []
    with serving(tmp_path) as (port, _):
        flood: list[Answers] = []
        sending = threading.Thread(target=lambda: flood.append(busy(port, 400, 3)))
        sending.start()
        refusal = headers_of_a_refusal(port, sending)
        while sending.is_alive():
            health.append(ask(port, "GET", "/health/ready")[0])
        sending.join()
        counted = shed(port)
        calm = busy(port, 2, 1)
    assert set(flood[0].status.tolist()) == {200, 503}
    assert flood[0].retry_after
    assert counted >= (flood[0].status == 503).sum()
    assert set(health) == {200}
    assert refusal["retry-after"]
    check_careful(refusal)
    assert refusal["x-request-id"]
    assert set(calm.status.tolist()) == {200}


def left_behind(pid: int) -> tuple[int, int]:
    """Return how many files and threads a process has."""
    folder = Path(f"/proc/{pid}")
    return len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir()))


def test_some_thousand_requests_leave_nothing_behind(tmp_path: Path) -> None:
    with serving(tmp_path) as (port, pid):
        first = busy(port, 8, 3)
        before, memory = left_behind(pid), resident_bytes(pid)
        second = busy(port, 8, 4)
        after, grown = left_behind(pid), resident_bytes(pid) - memory
    assert {*first.status.tolist(), *second.status.tolist()} == {200}
    assert len(second.seconds) > 1_000
    assert grown < MOST_GROWTH
    assert after[0] <= before[0] + 8  # connections of the client that have not ended yet
    assert after[1] <= before[1] + 1


@pytest.mark.parametrize("workers", [1, 2])
def test_connections_are_accepted_through_several_sockets_of_one_address(workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as own:
        found = listening(own, workers)
        assert len(found) == ACCEPTED_AT_ONCE // workers
        assert {one.getsockname() for one in found} == {own.getsockname()}
        assert not any(os.get_blocking(one.fileno()) for one in found)
        for one in found[1:]:
            one.close()
