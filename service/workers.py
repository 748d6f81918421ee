"""Starts several processes on one address, and others in the place of those that die."""

import logging
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

from service.dashboard.mount import has_dashboard
from service.settings import Settings

logger = logging.getLogger("lead_scoring")
LOOK_SECONDS = 0.2
YOUNG_SECONDS = 10.0
MOST_YOUNG_DEATHS = 5
"""So many workers in a row that end as soon as they have begun show that none will do."""
MORE_SECONDS = 5
Child = subprocess.Popen[bytes]


def supervise(settings: Settings, clock: Callable[[], float] = time.monotonic) -> int:
    """Run workers until told to end, and the pages beside them; return the exit code."""
    stop = Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: stop.set())
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as shared, tempfile.TemporaryDirectory() as at:
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared.bind((settings.host, settings.port))
        shared.listen(2048)
        workers = [start(number, shared, Path(at)) for number in range(settings.workers)]
        pages = Pages(clock) if has_dashboard(settings) else None
        began = [clock()] * len(workers)
        young = 0
        while young < MOST_YOUNG_DEATHS and not stop.wait(LOOK_SECONDS):
            for number, worker in enumerate(workers):
                if worker.poll() is None:
                    continue
                young = young + 1 if clock() - began[number] < YOUNG_SECONDS else 0
                logger.error("worker %d ended with %d", number, worker.returncode)
                workers[number], began[number] = start(number, shared, Path(at)), clock()
            if pages is not None:
                pages.look()
        beside = [] if pages is None else [pages.child]
        end([*workers, *beside], settings.drain_seconds + MORE_SECONDS)
    return 0 if stop.is_set() else 1


class Pages:
    """The pages' own process beside the workers; leads are answered without it, too.

    Parameters
    ----------
    clock : callable
        Seconds of a clock that never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._young = 0
        self.child, self._began = self._start(), clock()

    def look(self) -> None:
        """Start it anew where it has ended, unless it will not do."""
        if self.child.poll() is None or self._young >= MOST_YOUNG_DEATHS:
            return
        logger.error("the process of the pages ended with %d", self.child.returncode)
        young = self._clock() - self._began < YOUNG_SECONDS
        self._young = self._young + 1 if young else 0
        if self._young < MOST_YOUNG_DEATHS:
            self.child, self._began = self._start(), self._clock()

    def _start(self) -> Child:
        command = [sys.executable, "-m", "service.dashboard", "--with-parent"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        logger.info("the pages are process %d", child.pid)
        return child


def start(number: int, shared: socket.socket, folder: Path) -> Child:
    """Start a worker; it ends when this process does, however that ends."""
    fd = shared.fileno()
    command = [sys.executable, "-m", "service.worker", str(number), str(fd), str(folder)]
    worker = subprocess.Popen(
        command, stdin=subprocess.PIPE, pass_fds=(fd,), start_new_session=True
    )
    logger.info("worker %d is process %d", number, worker.pid)
    return worker


def end(workers: list[Child], seconds: float) -> None:
    """Tell workers to end, and wait until they have answered what is under way."""
    for worker in workers:
        worker.terminate()
    for worker in workers:
        try:
            worker.wait(seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdin is not None:
            worker.stdin.close()
