"""What was acknowledged is there after the service was killed, and once only."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.factories import make_request
from tests.service.store.test_decisions import rows
from tests.service.test_process import ask, environment, free_port, wait_until_ready

CALLERS = 8
ENOUGH = 40
START = datetime(2026, 1, 1, tzinfo=UTC)
TABLES = {
    "/score": "decisions",
    "/activities": "activities",
    "/feedback": "feedback",
    "/contacts": "contacts",
    "/outcomes": "outcomes",
}


class Said(NamedTuple):
    """One write, and whether it was acknowledged."""

    path: str
    lead_id: str
    body: dict[str, Any]
    acknowledged: bool


def writes(lead_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what is said of a lead, one after the other."""
    at = (START + timedelta(days=1)).isoformat()
    yield "/score", make_request(1) | {"lead_id": lead_id, "activities": []}
    act = {"lead_id": lead_id, "kind": "demo_request", "occurred_at": at, "id": f"visit-{lead_id}"}
    yield "/activities", act
    yield "/contacts", {"lead_id": lead_id, "means": "phone", "reached": True, "at": at}
    yield "/feedback", {"lead_id": lead_id, "accepted": True, "at": at}
    yield "/outcomes", {"lead_id": lead_id, "outcome": "won", "value": 1.5, "at": at}


def hammer(port: int, caller: int, process: "subprocess.Popen[bytes]") -> list[Said]:
    """Write until the service is gone; the first caller kills it after enough answers."""
    said: list[Said] = []
    number = 0
    while True:
        lead_id = f"L-{caller}-{number}"
        for path, body in writes(lead_id):
            try:
                status, answer = ask(port, "POST", path, body)
            except (OSError, HTTPException):
                return [*said, Said(path, lead_id, body, acknowledged=False)]
            assert status == 200, answer
            assert b'"error"' not in answer
            said.append(Said(path, lead_id, body, acknowledged=True))
        number += 1
        if caller == 0 and number == ENOUGH:
            process.kill()


@contextmanager
def running(port: int, settings: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a service, and end it."""
    process = subprocess.Popen([sys.executable, "-m", "service"], env=settings)
    try:
        wait_until_ready(port, process)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "kill", [1, *(pytest.param(n, marks=pytest.mark.prove) for n in range(2, 11))]
)
def test_no_acknowledged_write_is_lost_or_doubled(url: str, artifacts: Path, kill: int) -> None:
    port = free_port()
    settings = environment(port=port, artifacts=artifacts, database_url=url)
    with running(port, settings) as process, ThreadPoolExecutor(CALLERS) as pool:
        found = pool.map(lambda caller: hammer(port, caller, process), range(CALLERS))
        said = [one for each in found for one in each]
    assert sum(one.acknowledged for one in said) >= ENOUGH * len(TABLES)
    check_kept(url, said)
    unanswered = [one for one in said if not one.acknowledged]
    with running(port, settings):  # it comes back, and the callers repeat what was not answered
        for one in unanswered:
            status, answer = ask(port, "POST", one.path, one.body)
            assert status == 200, answer
    repeated = [one._replace(acknowledged=True) for one in unanswered]
    check_kept(url, [*said, *repeated])


def check_kept(url: str, said: list[Said]) -> None:
    """Make sure that what was acknowledged is there, and that nothing is there twice."""
    for path, table in TABLES.items():
        sent = {one.lead_id for one in said if one.path == path}
        answered = {one.lead_id for one in said if one.path == path and one.acknowledged}
        kept = Counter(lead for (lead,) in rows(url, f"SELECT lead_id FROM {table}"))
        assert answered <= set(kept), path
        if table == "decisions":  # an activity lets a lead be decided on again
            most = Counter(one.lead_id for one in said if one.path in ("/score", "/activities"))
            assert all(count <= most[lead] for lead, count in kept.items())
        else:
            assert set(kept) <= sent, path
            assert set(kept.values()) <= {1}, path
