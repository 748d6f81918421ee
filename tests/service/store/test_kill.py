"""What was acknowledged is there after the service was killed."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.factories import make_request
from tests.service.store.test_decisions import rows
from tests.service.test_process import ask, environment, free_port, wait_until_ready

CALLERS = 8
ENOUGH = 60


def hammer(port: int, caller: int, process: "subprocess.Popen[bytes]") -> list[str]:
    """Score leads until the service is gone; the first caller kills it after enough answers."""
    acknowledged: list[str] = []
    while True:
        body = make_request(1) | {"lead_id": f"L-{caller}-{len(acknowledged)}"}
        try:
            status, answer = ask(port, "POST", "/score", body)
        except (OSError, HTTPException):
            return acknowledged
        assert status == 200, answer
        acknowledged.append(str(json.loads(answer)["decision_id"]))
        if caller == 0 and len(acknowledged) == ENOUGH:
            process.kill()


@pytest.mark.parametrize("kill", [1, *(pytest.param(n, marks=pytest.mark.prove) for n in (2, 3))])
def test_no_acknowledged_decision_is_lost_or_doubled(url: str, artifacts: Path, kill: int) -> None:
    port = free_port()
    settings = environment(port=port, artifacts=artifacts, database_url=url)
    process = subprocess.Popen([sys.executable, "-m", "service"], env=settings)
    try:
        wait_until_ready(port, process)
        with ThreadPoolExecutor(CALLERS) as pool:
            found = pool.map(lambda caller: hammer(port, caller, process), range(CALLERS))
            acknowledged = [decision for each in found for decision in each]
    finally:
        process.kill()
        process.wait()
    kept = [decision for (decision,) in rows(url, "SELECT decision_id FROM decisions")]
    assert len(acknowledged) >= ENOUGH
    assert set(acknowledged) <= set(kept)
    assert len(kept) <= len(acknowledged) + CALLERS
    leads = rows(url, "SELECT lead_id, count(*) FROM decisions GROUP BY lead_id")
    assert {n for _, n in leads} == {1}
