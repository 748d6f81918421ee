"""A service that is told to end writes what it has answered."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import make_request
from tests.service.store.test_decisions import rows
from tests.service.test_process import ask, environment, free_port, wait_until_ready

BATCHES, LEADS = 3, 400
PATIENCE_SECONDS = 90.0


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_answered_before_it_was_durable_is_there_after_the_end(
    artifacts: Path, tmp_path: Path, workers: int
) -> None:
    url, port = f"sqlite:///{tmp_path / 'store.db'}", free_port()
    settings = environment(
        port=port, artifacts=artifacts, database_url=url, decisions="relaxed", workers=workers
    )
    process = subprocess.Popen([sys.executable, "-m", "service"], env=settings)
    answered: set[str] = set()
    try:
        wait_until_ready(port, process)
        for batch in range(BATCHES):
            leads = [make_request(1) | {"lead_id": f"L-{batch}-{n}"} for n in range(LEADS)]
            status, body = ask(port, "POST", "/score/batch", {"leads": leads})
            assert status == 200
            answers = [item["answer"] for item in json.loads(body)["results"]]
            assert not any(answer["recorded"] for answer in answers)
            answered |= {answer["decision_id"] for answer in answers}
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()
    kept = {row[0] for row in rows(url, "SELECT decision_id FROM decisions")}
    assert len(answered) == BATCHES * LEADS
    assert kept == answered
