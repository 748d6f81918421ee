"""`make bench`: one table of speeds, all measured in one run.

Every server is asked over the same number of connections, by a client on the same machine.
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from benchmarks import servers
from benchmarks.agreed import WITH_LINES, qualification
from benchmarks.client import CONNECTIONS, Target, rate
from benchmarks.explained import alone, explained
from benchmarks.files import TO_LEARN, of_files
from benchmarks.inside import bulk, one_lead
from tests.factories import make_bundle, write_champion
from tests.service.store import postgres

NAMES = {
    "a": "floor: empty FastAPI endpoint",
    "b": "POST /score, reasons and ledger",
    "c": "mlflow models serve, same model",
    "d": "tutorial: joblib and a DataFrame",
    "e": "POST /score, durable in SQLite",
    "f": "POST /score, durable in PostgreSQL",
    "g": "(e) with a key, limits and metrics",
    "h": "(g) with an agreement: everything on",
    "i": "(f) with two workers",
}
RATIOS = (("b", "a"), ("e", "b"), ("f", "b"), ("g", "e"), ("h", "a"), ("i", "f"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter rounds, smaller files")
    parser.add_argument("--servers", action="store_true", help="compare the servers only")
    parser.add_argument("--contributions", action="store_true", help="measure them alone")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help=f"{CONNECTIONS}")
    parser.add_argument("--leads", type=int, help="leads of the file to be scored")
    options = parser.parse_args(arguments)
    if options.contributions:
        line("\n".join(alone()))
        return 0
    quick: bool = options.quick
    bundle = make_bundle(trees=servers.TREES, leaves=servers.LEAVES)
    line(f"{os.cpu_count()} cores, {servers.TREES} trees x {servers.LEAVES} leaves")
    with tempfile.TemporaryDirectory() as folder:
        champion = write_champion(Path(folder) / "artifacts", bundle)
        rounds, seconds = (3, 1.0) if quick else (7, 3.0)
        connections: int = options.connections
        serve(Path(folder), champion, rounds=rounds, seconds=seconds, connections=connections)
    if options.servers:
        return 0
    rounds = 3 if quick else 7
    parts = one_lead(bundle, rounds=rounds)
    parts += qualification(bundle, n_leads=100_000, rounds=rounds)
    parts += bulk(bundle, n_leads=100_000 if quick else 300_000, rounds=rounds)
    parts += explained(bundle, rounds=rounds)
    write(parts)
    with tempfile.TemporaryDirectory() as folder:
        n_leads = options.leads or (20_000 if quick else 100_000)
        learn = TO_LEARN // 4 if quick else TO_LEARN
        write(of_files(Path(folder), n_leads=n_leads, to_learn=learn))
    return 0


def write(parts: Sequence[tuple[str, str]]) -> None:
    """Write lines of the table."""
    for name, figure in parts:
        line(f"| {name:38} | {figure:>34} |")


def serve(folder: Path, champion: Path, *, rounds: int, seconds: float, connections: int) -> None:
    """Measure the servers in turns, so that noise meets all of them alike."""
    with ExitStack() as stack:
        artifacts = folder / "artifacts"
        targets = {"b": stack.enter_context(servers.service(artifacts))}
        answer = folder / "answer.json"
        answer.write_bytes(ask(targets["b"]))
        targets["a"] = stack.enter_context(servers.floor(answer))
        targets["d"] = stack.enter_context(servers.tutorial(folder))
        file = folder / "decisions.db"
        targets["e"] = stack.enter_context(servers.service(artifacts, f"sqlite:///{file}"))
        guarded = partial(servers.service, artifacts, guarded=True)
        targets["g"] = stack.enter_context(guarded(f"sqlite:///{folder / 'guarded.db'}"))
        agreement = folder / "agreement.toml"
        agreement.write_text(WITH_LINES)
        url = f"sqlite:///{folder / 'everything.db'}"
        targets["h"] = stack.enter_context(guarded(url, agreement=agreement))
        if postgres.installed():
            for name, workers in (("f", 1), ("i", 2)):
                server = stack.enter_context(postgres.running())
                kept = servers.service(artifacts, server.url(), workers=workers)
                targets[name] = stack.enter_context(kept)
        try:
            targets["c"] = stack.enter_context(servers.mlflow(champion, folder))
        except ConnectionError as error:
            line(f"(c) is left out: {error}")
        found: dict[str, list[float]] = {name: [] for name in sorted(targets)}
        for _ in range(rounds):
            for name, rates in found.items():
                rates.append(rate(targets[name], seconds, connections))
        size = of_disk(file)
    for name, rates in found.items():
        spread = f"{min(rates):,.0f}-{max(rates):,.0f}"
        figure = f"{statistics.median(rates):,.0f} requests/s ({spread})"
        line(f"| ({name}) {NAMES[name]:34} | {figure:>34} |")
    for one, other in RATIOS:
        if one in found:
            ratios = [a / b for a, b in zip(found[one], found[other], strict=True)]
            what = f"({one}) of ({other}), median of the rounds"
            line(f"| {what:38} | {statistics.median(ratios):>34.2f} |")
    line(f"| {'one decision on disk, SQLite':38} | {f'{size:,.0f} bytes':>34} |")


def of_disk(file: Path) -> float:
    """Return how many bytes of a database there are for each decision."""
    with closing(sqlite3.connect(file)) as database:
        n_decisions = database.execute("SELECT count(*) FROM decisions").fetchone()[0]
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size / max(1, int(n_decisions))


def ask(target: Target) -> bytes:
    """Return the service's answer to the fixed request, checked to be JSON."""
    address = f"http://127.0.0.1:{target.port}{target.path}"
    request = urllib.request.Request(address, target.body, target.headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    json.loads(body)
    return body


def line(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
