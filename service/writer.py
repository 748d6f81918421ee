"""Writes what a service decides; `python -m service` starts it."""

import argparse
import signal
import socket
import sys
from collections.abc import Sequence

from service.logs import set_up_logs
from service.memory import settle_memory
from service.settings import read_settings
from service.store.opened import open_store
from service.store.store import Store
from service.store.wire import Inbound, Lines, told
from service.store.writer import MOST_AT_ONCE, write_requests

AT_ONCE = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Write until who started this has ended; what has arrived by then is written still."""
    parser = argparse.ArgumentParser(prog="python -m service.writer", description=__doc__)
    parser.add_argument("fd", type=int, help="socket on which decisions come")
    fd: int = parser.parse_args(arguments).fd
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the service ends first, and then the socket does
    settings = read_settings()
    set_up_logs(settings.log_level)
    store = open_store(settings)
    if store is None:
        return 0
    settle_memory()
    with socket.socket(fileno=fd) as service:
        write_all(service, store)
    store.close()
    return 0


def write_all(service: socket.socket, store: Store) -> None:
    """Write what arrives until the other side has ended: whatever waits goes into one commit."""
    inbound, lines = Inbound(), Lines()
    while data := service.recv(AT_ONCE):
        requests = [one for line in lines.whole(data) for one in inbound.requests(line)]
        for start in range(0, len(requests), MOST_AT_ONCE):
            errors = write_requests(store, requests[start : start + MOST_AT_ONCE])
            try:
                service.sendall(told(errors))
            except OSError:
                continue  # nobody is there to be told


if __name__ == "__main__":
    sys.exit(main())
