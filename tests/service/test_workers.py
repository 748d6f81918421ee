"""Several workers answer as one service."""

import http.client
import json
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.bundle.folder import ArtifactFolder
from service.access.moments import SharedMoments
from service.access.rate import RateLimit
from service.figures import SharedFigures
from service.keys import main as make_key
from service.metrics import Metrics
from tests.factories import make_bundle, make_request, write_champion
from tests.service.store.test_decisions import rows
from tests.service.test_process import environment, free_port

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.1
PER_MINUTE = 30


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        try:
            if condition():
                return
        except OSError:
            pass
        select.select([], [], [], PAUSE_SECONDS)
    raise AssertionError("it did not come about in time")


class Service:
    """A service of two workers, asked over a new connection each time."""

    def __init__(self, artifacts: Path, token: str, **settings: object) -> None:
        self.port, self.token, self.artifacts = free_port(), token, artifacts
        told = {
            "port": self.port,
            "artifacts": artifacts,
            "workers": 2,
            "dashboard": "off",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            env=environment(**told, requests_per_minute=PER_MINUTE),
        )

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json", "X-API-Key": self.token}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def versions(self, model: str = "model") -> set[str | None]:
        """Return which versions answer, asked so often that each worker was."""
        found = [json.loads(self.ask("GET", "/health/ready")[1]) for _ in range(40)]
        return {one.get(f"{model}_version") for one in found}

    def worker_ids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in children.read_text().split()]


@pytest.fixture
def running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Service]:
    """Return a running service with two versions, of which the second answers."""
    artifacts = tmp_path / "artifacts"
    for seed in (1, 2):
        write_champion(artifacts, make_bundle(seed=seed, version=str(seed)))
    monkeypatch.setenv("LEAD_SCORING_ARTIFACTS", str(artifacts))
    assert make_key(["make", "crm", "--scopes", "score,read"]) == 0
    service = Service(artifacts, capsys.readouterr().out.splitlines()[1])
    try:
        wait_until(lambda: service.ask("GET", "/health/ready")[0] == 200, service.process)
        wait_until(lambda: len(started(service)) == 2, service.process)
        yield service
    finally:
        service.process.terminate()
        code = service.process.wait(60)
    assert code == 0


def started(service: Service) -> set[str]:
    """Return the first part of requests' ids, which each worker has another of."""
    found = set()
    for _ in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        with closing(connection):
            connection.request("GET", "/health/live")
            found.add(str(connection.getresponse().headers["X-Request-ID"])[:8])
    return found


def counted(text: bytes, name: str) -> float:
    """Return what a counter or gauge comes to over all its labels."""
    families = text_string_to_metric_families(text.decode())
    return sum(one.value for family in families for one in family.samples if one.name == name)


def test_two_workers_have_one_version_one_rate_and_one_count(running: Service) -> None:
    found = [running.ask("POST", "/score", make_request(n))[0] for n in range(PER_MINUTE + 10)]
    assert set(found) == {200, 429}
    # what fills up meanwhile is half a request a second, so both workers can have let pass no more
    passed = found.count(200)
    assert PER_MINUTE <= passed < 2 * PER_MINUTE
    assert found[:PER_MINUTE] == [200] * PER_MINUTE

    ArtifactFolder(running.artifacts).crown("factory", "1")
    wait_until(lambda: running.versions() == {"1"}, running.process)

    def all_counted() -> bool:
        status, text = running.ask("GET", "/metrics")
        return status == 200 and counted(text, "lead_scoring_labels_total") == passed

    wait_until(all_counted, running.process)
    before = running.worker_ids()
    subprocess.run(["kill", "-9", str(before[0])], check=True)
    wait_until(lambda: len(set(running.worker_ids()) - set(before)) == 1, running.process)
    wait_until(lambda: len(started(running)) == 2, running.process)
    wait_until(all_counted, running.process)  # what the dead one had counted is not forgotten


def test_both_workers_compare_what_they_answer_with_the_challenger(running: Service) -> None:
    ArtifactFolder(running.artifacts).challenge("factory", "1")
    wait_until(lambda: running.versions("challenger") == {"1"}, running.process)
    found = [running.ask("POST", "/score", make_request(n)) for n in range(PER_MINUTE - 5)]
    assert {status for status, _ in found} == {200}
    url = f"sqlite:///{running.artifacts / 'factory' / 'decisions.db'}"
    both = "SELECT count(*) FROM shadows WHERE champion_version = '2' AND challenger_version = '1'"
    wait_until(lambda: rows(url, both)[0][0] == len(found), running.process)
    status, body = running.ask("GET", "/shadow")
    assert (status, json.loads(body)["compared"]) == (200, len(found))


def test_workers_end_with_who_started_them(running: Service) -> None:
    workers = running.worker_ids()
    assert len(workers) == 2
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_workers_share_the_rate_of_a_key(tmp_path: Path) -> None:
    moments = [SharedMoments(tmp_path / "rates") for _ in range(2)]
    limits = [RateLimit(4, one) for one in moments]
    found = [limits[n % 2].take("crm", 100.0).remaining for n in range(5)]
    assert found == [3, 2, 1, 0, 0]
    assert not limits[0].take("crm", 100.0).allowed
    assert limits[1].take("other", 100.0).allowed
    assert limits[0].take("crm", 115.0).allowed
    for one in moments:
        one.close()


def test_figures_add_up_and_survive_the_one_who_counted(tmp_path: Path) -> None:
    def worker(number: int, ready: int) -> Metrics:
        metrics = Metrics()
        metrics.figures = SharedFigures(tmp_path, number)
        metrics.watch(lambda: {"ready": ready, "under_way": 2, "shed_total": 1})
        return metrics

    one, other = worker(0, 1), worker(1, 0)
    one.observe("POST", "/score", 200, 0.002)
    other.observe("POST", "/score", 200, 0.02)
    other.observe("POST", "/score", 503, 0.02)
    other.publish()
    text = one.text()
    assert counted(text, "lead_scoring_requests_total") == 3
    assert counted(text, "lead_scoring_request_seconds_count") == 3
    assert counted(text, "lead_scoring_under_way") == 4
    assert counted(text, "lead_scoring_shed_total") == 2
    assert counted(text, "lead_scoring_ready") == 0
    again = worker(1, 1)
    again.publish()
    text = one.text()
    assert counted(text, "lead_scoring_requests_total") == 3
    assert counted(text, "lead_scoring_under_way") == 4
    assert counted(text, "lead_scoring_shed_total") == 3
    assert counted(text, "lead_scoring_ready") == 1
