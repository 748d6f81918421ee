"""Sends one request at a steady rate, however fast it is answered; a process of its own."""

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

MOST_CONNECTIONS = 400
CHUNK = 65_536


@dataclass(frozen=True)
class Answers:
    """What came back: when each request was sent, how long its answer took, and its status.

    Seconds; `retry_after` says whether each answer of 503 had the header.
    """

    sent_at: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    seconds: "np.ndarray[tuple[int], np.dtype[np.float64]]"
    status: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    retry_after: bool

    def quantile(self, share: float, status: int = 200) -> float:
        """Return the time under which a share of the answers of a status came."""
        return float(np.quantile(self.seconds[self.status == status], share))

    def between(self, start: float, end: float) -> "Answers":
        """Return those that were sent within some seconds since the first."""
        rows = (self.sent_at >= start) & (self.sent_at < end)
        return Answers(self.sent_at[rows], self.seconds[rows], self.status[rows], self.retry_after)


def send(
    port: int,
    path: str,
    body: bytes,
    *,
    rate: float,
    seconds: float,
    connections: int = 8,
    opened: bool = False,
) -> Answers:
    """Return the answers that a client in another process gets.

    Rate 0 sends one request after the other over so many connections. With a rate, connections
    are opened when they are needed, or all of them before the first request is sent.
    """
    order: dict[str, object] = {
        "port": port,
        "path": path,
        "body": body.decode(),
        "rate": rate,
        "seconds": seconds,
    }
    order |= {"connections": connections, "opened": opened}
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
    return Answers(rows[:, 0], rows[:, 1], status, bool(found["retry_after"]))


class Client:
    """Keeps connections, of which each has one request under way at most."""

    def __init__(self, port: int, message: bytes) -> None:
        self.port, self.message = port, message
        self.selector = selectors.DefaultSelector()
        self.free: list[socket.socket] = []
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
        self.free.append(made)

    def start(self, most: int) -> bool:
        """Send a request where a connection is free or may be opened."""
        if not self.free:
            if self.opened >= most:
                return False
            self.open()
        connection = self.free.pop()
        connection.sendall(self.message)
        self.under_way[connection] = (time.perf_counter(), bytearray())
        return True

    def take(self, timeout: float) -> None:
        """Read what has come."""
        for key, _ in self.selector.select(timeout):
            connection: socket.socket = key.fileobj  # type: ignore[assignment] # all are sockets
            part = connection.recv(CHUNK)
            if not part and connection in self.free:  # idle for some seconds
                self.free.remove(connection)
                self.selector.unregister(connection)
                connection.close()
                self.opened -= 1
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
            self.rows.append((at, time.perf_counter() - at, status))
            del self.under_way[connection]
            self.free.append(connection)


def main() -> int:
    """Send by an order on stdin; write what came back."""
    order = json.load(sys.stdin)
    body = order["body"].encode()
    head = (
        f"POST {order['path']} HTTP/1.1\r\nHost: 127.0.0.1:{order['port']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client = Client(order["port"], head.encode() + body)
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
    sys.stdout.write(json.dumps({"rows": rows, "retry_after": client.retry_after}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
