"""Sends one request at a steady rate, however fast it is answered; a process of its own."""

import json
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

MOST_CONNECTIONS = 400
CHUNK = 65_536
IDLE_SECONDS = 30.0
"""A connection is not used again after so long; the service keeps it for longer."""
ITS_OWN = re.compile(rb'"(decision_id|scored_at)": *"[^"]*",')


@dataclass(frozen=True)
class Answers:
    """What came back: when each request was sent, how long its answer took, and its status.

    Seconds; `retry_after` says whether each answer of 503 had the header. `kinds` has how often
    each body came, without the id and the moment of its decision.
    """

    sent_at: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    status: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    retry_after: bool
    kinds: Mapping[str, int]

    def quantile(self, share: float, status: int = 200) -> float:
        """Return the time under which a share of the answers of a status came."""
        return float(np.quantile(self.seconds[self.status == status], share))

    def between(self, start: float, end: float) -> "Answers":
        """Return those that were sent within some seconds since the first."""
        rows = (self.sent_at >= start) & (self.sent_at < end)
        own = (self.sent_at[rows], self.seconds[rows], self.status[rows])
        return Answers(*own, self.retry_after, self.kinds)


def send(
    port: int,
    path: str,
    body: bytes,
    *,
    rate: float,
    seconds: float,
    connections: int = 8,
    opened: bool = False,
    bodies: bool = False,
) -> Answers:
    """Return the answers that a client in another process gets.

    Rate 0 sends one request after the other over so many connections. With a rate, connections
    are opened when they are needed, or all of them before the first request is sent. Bodies are
    looked at where that is wanted.
    """
    order: dict[str, object] = {
        "port": port,
        "path": path,
        "body": body.decode(),
        "rate": rate,
        "seconds": seconds,
    }
    order |= {"connections": connections, "opened": opened, "bodies": bodies}
    done = subprocess.run(
        [sys.executable, "-m", "tests.service.load"],
        input=json.dumps(order),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    rows = np.array(found["rows"], dtype=np.float64).reshape(-1, 3)
    status = rows[:, 2].astype(np.int64)
    return Answers(rows[:, 0], rows[:, 1], status, bool(found["retry_after"]), found["kinds"])


class Client:
    """Keeps connections, of which each has one request under way at most."""

    def __init__(self, port: int, message: bytes, *, bodies: bool) -> None:
        self.port, self.message, self.bodies = port, message, bodies
        self.kinds: Counter[bytes] = Counter()
        self.selector = selectors.DefaultSelector()
        self.free: dict[socket.socket, float] = {}
        self.opened = 0
        self.under_way: dict[socket.socket, tuple[float, bytearray]] = {}
        self.rows: list[tuple[float, float, int]] = []
        self.retry_after = True

    def open(self) -> None:
        """Open a connection."""
        self.opened += 1
        made = socket.create_connection(("127.0.0.1", self.port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(made, selectors.EVENT_READ)
        self.free[made] = time.perf_counter()

    def close(self, connection: socket.socket) -> None:
        """Close a connection on which nothing is under way."""
        self.free.pop(connection, None)
        self.selector.unregister(connection)
        connection.close()
        self.opened -= 1

    def start(self, most: int) -> bool:
        """Send a request where a connection is free or may be opened."""
        if not self.free:
            if self.opened >= most:
                return False
            self.open()
        connection, since = self.free.popitem()
        now = time.perf_counter()
        if now - since > IDLE_SECONDS:
            self.close(connection)
            return self.start(most)
        connection.sendall(self.message)
        self.under_way[connection] = (now, bytearray())
        return True

    def take(self, timeout: float) -> None:
        """Read what has come."""
        for key, _ in self.selector.select(timeout):
            connection: socket.socket = key.fileobj  # type: ignore[assignment] # all are sockets
            part = connection.recv(CHUNK)
            if not part and connection in self.free:
                self.close(connection)
                continue
            if not part:
                raise ConnectionError("the service closed a connection before it answered")
            at, received = self.under_way[connection]
            received += part
            end = received.find(b"\r\n\r\n")
            if end < 0:
                continue
            head = bytes(received[:end]).lower()
            length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            if len(received) < end + 4 + length:
                continue
            status = int(head[9:12])
            if status == 503:
                self.retry_after &= b"\r\nretry-after:" in head
            if self.bodies:
                self.kinds[ITS_OWN.sub(b"", bytes(received[end + 4 :]))] += 1
            self.rows.append((at, time.perf_counter() - at, status))
            del self.under_way[connection]
            self.free[connection] = time.perf_counter()


def main() -> int:
    """Send by an order on stdin; write what came back."""
    order = json.load(sys.stdin)
    body = order["body"].encode()
    head = (
        f"POST {order['path']} HTTP/1.1\r\nHost: 127.0.0.1:{order['port']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = Client(order["port"], head.encode() + body, bodies=order["bodies"])
    rate = order["rate"]
    most = MOST_CONNECTIONS if rate else order["connections"]
    for _ in range(most if order["opened"] else 0):
        client.open()
    first = time.perf_counter()
    due, end = first, first + order["seconds"]
    while (now := time.perf_counter()) < end:
        while due <= now and client.start(most):
            due = due + 1.0 / rate if rate else due
        client.take(max(min(due, end) - time.perf_counter(), 0.0) if due > now else 0.001)
    while client.under_way and time.perf_counter() < end + 10.0:
        client.take(0.1)
    rows = [(at - first, took, status) for at, took, status in client.rows]
    kinds = {kind.decode(): count for kind, count in client.kinds.items()}
    found = {"rows": rows, "retry_after": client.retry_after, "kinds": kinds}
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
