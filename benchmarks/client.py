"""Sends one request again and again from a process of its own, and counts the answers."""

import json
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

CONNECTIONS = 64
"""So many that every server is at its limit: durable answers of one commit wait for it together,
and a client with few of them would measure the disk's latency. With 32 the process that answers
rests for a tenth of the time while the one that writes does its work."""
CHUNK = 65_536
LENGTH = b"\r\ncontent-length: "


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
    key : str
        Shown with each request; none where it is empty.
    """

    port: int
    path: str
    body: bytes
    key: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers besides those of any request."""
        shown = {"X-API-Key": self.key} if self.key else {}
        return {"Content-Type": "application/json", **shown}

    @property
    def message(self) -> bytes:
        """The whole HTTP request."""
        own = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"{own}Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


def rate(target: Target, seconds: float, connections: int = CONNECTIONS) -> float:
    """Return the answers per second that a client in another process gets."""
    order = {
        "port": target.port,
        "path": target.path,
        "body": target.body.decode(),
        "key": target.key,
        "connections": connections,
    }
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.client", str(seconds)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(found.stdout)


def count(target: Target, seconds: float, connections: int) -> float:
    """Return the answers per second over some kept connections, after a short warm-up."""
    message = target.message
    selector = selectors.DefaultSelector()
    for _ in range(connections):
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
            if received:
                received += part
            if is_whole(received or part):
                received.clear()
                connection.sendall(message)
                answers += 1
            elif not received:
                received += part
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
    start = received.find(LENGTH, 0, end)  # as uvicorn writes it
    if start < 0:
        raise ConnectionError("the answer does not say how long it is")
    length = int(received[start + len(LENGTH) : received.find(b"\r\n", start + 1)])
    return len(received) >= end + 4 + length


def main() -> int:
    """Count by an order on stdin; write the rate."""
    order = json.load(sys.stdin)
    target = Target(order["port"], order["path"], order["body"].encode(), order["key"])
    sys.stdout.write(f"{count(target, float(sys.argv[1]), order['connections'])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
