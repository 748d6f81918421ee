"""Sends one request again and again from a process of its own, and counts the answers."""

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

CONNECTIONS = 8
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Target:
    """What to send where.

    Parameters
    ----------
    port : int
        Of this machine.
    path : str
        Of the endpoint.
    body : bytes
        JSON.
    """

    port: int
    path: str
    body: bytes

    @property
    def message(self) -> bytes:
        """The whole HTTP request."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


def rate(target: Target, seconds: float) -> float:
    """Return the answers per second that a client in another process gets."""
    order = {"port": target.port, "path": target.path, "body": target.body.decode()}
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.client", str(seconds)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(found.stdout)


def count(target: Target, seconds: float) -> float:
    """Return the answers per second over some kept connections, after a short warm-up."""
    message = target.message
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", target.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(message)
        selector.register(connection, selectors.EVENT_READ, bytearray())
    _answers(selector, message, min(0.5, seconds))
    started = time.perf_counter()
    answers = _answers(selector, message, seconds)
    elapsed = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        selector.unregister(key.fileobj)
        key.fileobj.close()  # type: ignore[union-attr] # all are sockets
    selector.close()
    return answers / elapsed


def _answers(selector: selectors.BaseSelector, message: bytes, seconds: float) -> int:
    answers = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(timeout=1.0):
            connection: socket.socket = key.fileobj  # type: ignore[assignment] # all are sockets
            received: bytearray = key.data
            part = connection.recv(CHUNK)
            if not part:
                raise ConnectionError("the server closed the connection")
            received += part
            if is_whole(received):
                received.clear()
                connection.sendall(message)
                answers += 1
    return answers


def is_whole(received: bytes | bytearray) -> bool:
    """Return whether an answer has arrived as a whole; it must be a 200 with a length.

    Raises
    ------
    ConnectionError
        When it is another answer.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not received.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(bytes(received[:80]).decode("latin-1"))
    head = bytes(received[:end]).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return len(received) >= end + 4 + length


def main() -> int:
    """Count by an order on stdin; write the rate."""
    order = json.load(sys.stdin)
    target = Target(order["port"], order["path"], order["body"].encode())
    sys.stdout.write(f"{count(target, float(sys.argv[1]))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
