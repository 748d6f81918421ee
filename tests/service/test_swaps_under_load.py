"""A real process swaps models at its full rate: no request fails, and no answer mixes two."""

import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.bundle.folder import ArtifactFolder
from tests.factories import make_bundle, make_request, write_champion
from tests.service.load import ITS_OWN, Answers, send
from tests.service.test_process import ask
from tests.service.test_prove_load import resident_bytes, serving_what_is_there
from tests.service.test_reload import bad_version, spoilt

LEAD = make_request(1) | {"as_of": "2026-01-01T00:00:00Z"}
BODY = json.dumps(LEAD).encode()
GOOD = ("1", "2")
ORDER = ("tampered", "1", "gate", "2", "format", "1", "half", "2", "golden", "1", "2")
"""What is crowned in turn: good versions, and what is wrong with bad ones."""
CALLERS = 64
MOST_GROWTH = 30_000_000
"""Bytes between the first and the last quarter of the swaps; of 200 a tenth of a model is more."""
PATIENCE_SECONDS = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> ArtifactFolder:
    """Return a folder with two versions that answer differently, and bad ones."""
    bundles = [make_bundle(seed=int(version), version=version, trees=200) for version in GOOD]
    for how in set(ORDER) - set(GOOD):
        spoilt(tmp_path, bundles[0], how)
    for bundle in reversed(bundles):
        write_champion(tmp_path, bundle)
    return ArtifactFolder(tmp_path)


def looked_at(port: int) -> tuple[int, int]:
    """Return how many models were taken up, and how many were refused."""
    told = ask(port, "GET", "/metrics")[1].decode()
    values = dict(line.rsplit(" ", 1) for line in told.splitlines() if line)
    loads, refusals = (f"lead_scoring_model_{name}_total" for name in ("loads", "refusals"))
    return int(float(values[loads])), int(float(values[refusals]))


def swap(port: int, folder: ArtifactFolder, what: str) -> None:
    """Crown a version; return when the service has taken it up or refused it."""
    loads, refusals = looked_at(port)
    good = what in GOOD
    folder.crown("factory", what if good else bad_version(what))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while looked_at(port) != (loads + good, refusals + (not good)):
        assert time.monotonic() < deadline, f"nothing became of {what}"
        threading.Event().wait(0.05)


def answer_of(port: int) -> str:
    """Return an answer as the callers keep it."""
    status, body = ask(port, "POST", "/score", LEAD)
    assert status == 200
    return ITS_OWN.sub(b"", body).decode()


class Callers:
    """Ask without a pause, from processes of their own, one after the other."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.seconds = port, seconds
        self.found: list[Answers] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.ask)

    def ask(self) -> None:
        """Ask until it is over."""
        while not self.over.is_set():
            self.found.append(self.some())

    def some(self) -> Answers:
        """Return the answers of one process."""
        return send(
            self.port,
            "/score",
            BODY,
            rate=0,
            seconds=self.seconds,
            connections=CALLERS,
            bodies=True,
        )

    def __enter__(self) -> "Callers":
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.over.set()
        self.thread.join()


@pytest.mark.parametrize("swaps", [11, pytest.param(200, marks=pytest.mark.prove)])
def test_models_are_swapped_at_the_full_rate_and_no_request_notices(
    folder: ArtifactFolder, swaps: int
) -> None:
    with serving_what_is_there(folder.folder) as (port, pid):
        expected = [answer_of(port)]
        swap(port, folder, "2")
        expected.append(answer_of(port))
        begun = looked_at(port)
        with Callers(port, seconds=min(swaps / 4.0, 30.0)) as callers:
            held = []
            for turn in range(swaps):
                swap(port, folder, ORDER[turn % len(ORDER)])
                held.append(resident_bytes(pid))
        ended = looked_at(port)
    status = np.concatenate([one.status for one in callers.found])
    seconds = np.concatenate([one.seconds for one in callers.found])
    kinds = sum((Counter(one.kinds) for one in callers.found), Counter[str]())
    quarter = max(swaps // 4, 1)
    grown = float(np.median(held[-quarter:]) - np.median(held[:quarter]))
    sys.stdout.write(
        f"{swaps} swaps, {len(status)} answers of {len(kinds)} kinds, "
        f"{len(status) / (len(callers.found) * callers.seconds):.0f} a second, p99 "
        f"{1000 * np.quantile(seconds, 0.99):.0f} ms, longest {1000 * seconds.max():.0f} ms; "
        f"{held[0] / 1e6:.0f} MB after the first swap, {grown / 1e6:+.1f} MB since\n"
    )
    good = sum(ORDER[turn % len(ORDER)] in GOOD for turn in range(swaps))
    assert expected[0] != expected[1]
    assert (ended[0] - begun[0], ended[1] - begun[1]) == (good, swaps - good)
    assert set(status.tolist()) == {200}
    assert set(kinds) == set(expected)
    assert grown < MOST_GROWTH
