"""`make run`: from nothing to a served model, by starting the project's commands in order."""

import argparse
import hashlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NoReturn

from service.example_lead import curl, example_lead

HOST = "127.0.0.1"
DATASET = "simulated"
SAMPLE = Path("data/sample")
TRIALS = 4
"""Of the search; enough for a sample, and done within a minute."""
# what the simulation writes last
COMPLETE = SAMPLE / "oracle.csv"
ARTIFACTS = Path("models/artifacts")
CHAMPION = ARTIFACTS / DATASET / "champion"
TITLE = "Lead scoring"
PATIENCE_SECONDS = 120.0
LINK_SECONDS = 15 * 60
"""So long the link logs in that is printed, once."""
PAUSE_SECONDS = 0.2

Answering = Literal["nobody", "us", "foreign"]
Run = Callable[[Sequence[str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = argparse.ArgumentParser(prog="python -m service.launch", description=__doc__)
    options.add_argument("--port", type=port_number, default=8000, help="where the service answers")
    port: int = options.parse_args(arguments).port
    address = f"http://{HOST}:{port}"
    answering = who_answers(port)
    if answering == "us":
        say(
            greeting(
                address,
                datetime.now(UTC),
                "The service already answers.",
                pages(ports_of_pages(port)),
            )
        )
        return 0
    if answering == "foreign":
        sys.stderr.write(taken(port))
        return 1
    status = prepare(Path.cwd(), run)
    if status:
        return status
    let_sample_come(Path.cwd(), run)
    return serve(port)


def port_number(text: str) -> int:
    """Read a port, or say what was expected."""
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port, expected 1 to 65535")
    return int(text)


def who_answers(port: int, seconds: float = 5.0) -> Answering:
    """Return who listens on a port of this machine: nobody, this service, or another program."""
    try:
        socket.create_connection((HOST, port), seconds).close()
    except OSError:
        return "nobody"
    body = get(port, "/openapi.json", seconds)
    try:
        page = json.loads(body or b"null")
    except ValueError:
        return "foreign"
    about = page.get("info") if isinstance(page, Mapping) else None
    return "us" if isinstance(about, Mapping) and about.get("title") == TITLE else "foreign"


def get(port: int, path: str, seconds: float) -> bytes | None:
    """Return the body of a page that was found, None where there is none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None


def prepare(folder: Path, run: Run) -> int:
    """Make the sample and train on it where that was not done yet; return the exit status."""
    if (folder / CHAMPION).exists():
        say(f"Trained already: {CHAMPION}")
        return 0
    steps = [("Training a model on the sample (under a minute)", train())]
    if not (folder / COMPLETE).exists():
        steps.insert(0, (f"Making a sample CRM export in {SAMPLE}/", simulate()))
    for title, command in steps:
        say(title)
        status = run(command)
        if status:
            sys.stderr.write(f"This step failed: {' '.join(command[1:])}\n")
            return status
    return 0


def let_sample_come(folder: Path, run: Run) -> None:
    """Let leads of the sample come into a store that is empty; without them the service runs too.

    The command itself looks whether anything is there.
    """
    if (folder / COMPLETE).exists():
        say("The leads of its last half year come into the store, if that is empty")
        run(fill())


def simulate() -> list[str]:
    """Return the command that makes the sample."""
    return [sys.executable, "-m", "training.simulate", "--out", str(SAMPLE)]


def train() -> list[str]:
    """Return the command that trains on the sample, with a short search."""
    mapping = Path("training/mappings") / f"{DATASET}.toml"
    leads = SAMPLE / "leads.csv"
    command = [sys.executable, "-m", "training.train"]
    command += ["--leads", str(leads), "--mapping", str(mapping)]
    return [*command, "--set", f"choosing.trials={TRIALS}"]


def fill() -> list[str]:
    """Return the command that lets leads of the sample come into the store."""
    return [sys.executable, "-m", "service.sample", "fill", "--from", str(SAMPLE)]


def run(command: Sequence[str]) -> int:
    """Run a command to its end in this terminal; return its exit code."""
    return subprocess.run(command, check=False, env=environment()).returncode


def environment(**more: object) -> dict[str, str]:
    """Return the environment of the project's commands: they are about the sample's model."""
    settings = {"DATASET": DATASET, "ARTIFACTS": ARTIFACTS, **more}
    return {**os.environ, **{f"LEAD_SCORING_{name}": str(told) for name, told in settings.items()}}


def serve(port: int) -> int:
    """Start the service, say where it is once it is ready, and stay until it ends."""
    say("Starting the service")
    signal.signal(signal.SIGTERM, stop)
    command = [sys.executable, "-m", "service"]
    secret = secrets.token_urlsafe(32)
    link = f"{hashlib.sha256(secret.encode()).hexdigest()}.{round(time.time() + LINK_SECONDS)}"
    told = environment(HOST=HOST, PORT=port, LOGIN_LINK=link)
    process = subprocess.Popen(command, env=told)
    try:
        if wait_until_ready(lambda: is_ready(port), lambda: process.poll() is None):
            address = f"http://{HOST}:{port}"
            first = "The service is ready; Ctrl-C stops it."
            where = pages_once_there(port, secret, lambda: process.poll() is None)
            say(greeting(address, datetime.now(UTC), first, where))
            return process.wait()
        sys.stderr.write("The service did not become ready; its last words stand above.\n")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()


def stop(number: int, _frame: object) -> NoReturn:
    """End as a program that was told to: the service ends first."""
    raise SystemExit(128 + number)


def is_ready(port: int) -> bool:
    """Return whether the service has a model and answers."""
    return get(port, "/health/ready", 2.0) is not None


def wait_until_ready(
    ready: Callable[[], bool],
    alive: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Ask until the service is ready; give up when it has ended or takes too long."""
    deadline = clock() + PATIENCE_SECONDS
    while alive() and clock() < deadline:
        if ready():
            return True
        sleep(PAUSE_SECONDS)
    return False


def pages(ports: Sequence[int], secret: str | None = None) -> str | None:
    """Return where the pages are, None where there are none; with a secret it logs in, once.

    Parameters
    ----------
    ports : sequence of int
        Where they may be.
    """
    for port in ports:
        if get(port, "/app/login", 5.0) is not None:
            address = f"http://{HOST}:{port}/app/"
            return address if secret is None else f"{address}login#link={secret}"
    return None


def pages_once_there(port: int, secret: str, alive: Callable[[], bool]) -> str | None:
    """Return where the pages are; those of a process of their own may take longer."""
    ports = ports_of_pages(port)
    if os.environ.get("LEAD_SCORING_WORKERS", "1") != "1" and find_spec("nicegui") is not None:
        wait_until_ready(lambda: pages(ports) is not None, alive)
    return pages(ports, secret)


def ports_of_pages(port: int) -> tuple[int, ...]:
    """Return where the pages of a service may be: beside several workers on a port of their own."""
    beside = os.environ.get("LEAD_SCORING_DASHBOARD_PORT") or min(port + 1, 65_535)
    return (port, int(beside))


def greeting(address: str, now: datetime, first: str, dashboard: str | None) -> str:
    """Return what a newcomer needs next.

    Parameters
    ----------
    dashboard : str or None
        Where the pages are; None where the extra `dashboard` is not installed.
    """
    where = "" if dashboard is None else f"\n  dashboard        {dashboard}"
    return f"""
{first}

  address          {address}{where}
  interactive API  {address}/docs

Score a lead:

{curl(address, example_lead(now))}
"""


def taken(port: int) -> str:
    """Return what to do when another program has the port."""
    other = port + 1 if port < 65_535 else port - 1
    return (
        f"Port {port} is taken by another program. "
        f"End it, or take another port: make run PORT={other}\n"
    )


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
