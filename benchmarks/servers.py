"""The servers that are compared, each a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.client import Target
from benchmarks.tutorial import write_pipeline
from tests.factories import make_request, make_specs

TREES, LEAVES = 200, 15
PATIENCE_SECONDS = 180.0
NO_HINDRANCE = 10_000_000
"""Requests a minute: the limit is kept count of, and never reached."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], target: Target, env: Mapping[str, str]) -> Iterator[Target]:
    """Run a server until it is no longer needed, once it answers the request.

    Raises
    ------
    ConnectionError
        When it ends, or does not answer in time.
    """
    process = subprocess.Popen(
        command,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not answers(target):
            if process.poll() is not None or time.monotonic() > end:
                raise ConnectionError(f"{' '.join(command[:4])} does not answer")
            time.sleep(0.2)
        yield target
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def answers(target: Target) -> bool:
    """Return whether a server gives the answer that is to be measured."""
    address = f"http://127.0.0.1:{target.port}{target.path}"
    request = urllib.request.Request(address, target.body, target.headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def lead_body() -> bytes:
    """Return the fixed request: 20 attributes, 10 activities."""
    return json.dumps(make_request(1)).encode()


@contextmanager
def floor(answer: Path) -> Iterator[Target]:
    """Run the empty endpoint."""
    target = Target(free_port(), "/score", lead_body())
    command = [sys.executable, "-m", "benchmarks.floor", str(target.port), str(answer)]
    with running(command, target, {}):
        yield target


@contextmanager
def service(
    artifacts: Path,
    database: str = "none",
    *,
    guarded: bool = False,
    agreement: Path | None = None,
    workers: int = 1,
) -> Iterator[Target]:
    """Run the service; without a database no decision is kept.

    Parameters
    ----------
    guarded : bool
        Whether it asks for a key, and limits how often that may ask.
    agreement : Path, optional
        Decides the labels.
    workers : int
        Processes that answer.
    """
    env = {
        "LEAD_SCORING_ARTIFACTS": str(artifacts),
        "LEAD_SCORING_DATASET": "factory",
        "LEAD_SCORING_DATABASE_URL": database,
        "LEAD_SCORING_WORKERS": str(workers),
    }
    key = made_key(env) if guarded else ""
    if guarded:
        env["LEAD_SCORING_REQUESTS_PER_MINUTE"] = str(NO_HINDRANCE)
    if agreement is not None:
        env["LEAD_SCORING_AGREEMENT"] = str(agreement)
    target = Target(free_port(), "/score", lead_body(), key)
    env["LEAD_SCORING_PORT"] = str(target.port)
    with running([sys.executable, "-m", "service"], target, env):
        yield target


def made_key(env: Mapping[str, str]) -> str:
    """Make a key in the service's database; return it."""
    command = [sys.executable, "-m", "service.keys", "make", "bench", "--scopes", "score"]
    said = subprocess.run(
        command, env={**os.environ, **env}, check=True, capture_output=True, text=True
    )
    return said.stdout.split()[-1]


@contextmanager
def tutorial(folder: Path) -> Iterator[Target]:
    """Run the tutorial way."""
    file = folder / "pipeline.joblib"
    write_pipeline(file, trees=TREES, leaves=LEAVES)
    target = Target(free_port(), "/score", lead_body())
    command = [sys.executable, "-m", "benchmarks.tutorial", str(target.port), str(file)]
    with running(command, target, {}):
        yield target


@contextmanager
def mlflow(bundle: Path, folder: Path) -> Iterator[Target]:
    """Run `mlflow models serve` on the same bundle, with one worker.

    Raises
    ------
    ConnectionError
        When MLflow is not installed.
    """
    if find_spec("mlflow") is None:
        raise ConnectionError("MLflow is not installed")
    subprocess.run(
        [sys.executable, "-m", "benchmarks.mlflow_model", str(bundle), str(folder / "mlflow")],
        check=True,
        capture_output=True,
    )
    target = Target(free_port(), "/invocations", mlflow_body())
    command = [str(Path(sys.executable).parent / "mlflow"), "models", "serve"]
    command += ["--env-manager", "local", "--workers", "1", "--port", str(target.port)]
    command += ["--model-uri", str(folder / "mlflow")]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with running(command, target, {"PATH": path}):
        yield target


def mlflow_body() -> bytes:
    """Return the same lead as a row for MLflow."""
    lead = make_request(1)
    row: dict[str, Any] = {key: lead[key] for key in ("lead_id", "as_of", "created_at")}
    row |= {key: lead[key] for key in ("channel", "source")}
    row["activities"] = json.dumps(lead["activities"])
    numbers = {spec.name for spec in make_specs() if spec.type == "number"}
    for name, value in lead["attributes"].items():
        row[name] = float(value) if name in numbers else str(value)
    return json.dumps({"dataframe_records": [row]}).encode()
