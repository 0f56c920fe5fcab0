"""A small HTTP client that asks as fast as a server answers: raw sockets, kept alive, requests prepared as bytes.

A client library would take more time than the servers measured and hide their difference; this one takes about 15 µs a
request, most of it in the kernel. It is one process on one of the machine's cores, the server has another.
"""

import math
import selectors
import socket
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat


@dataclass(frozen=True)
class Measured:
    """How a server did: requests answered, in how many seconds, each one's milliseconds; the client's CPU seconds."""

    count: int
    seconds: float
    milliseconds: list[float]
    client_seconds: float

    @property
    def rate(self) -> float:
        """Requests answered a second."""
        return self.count / self.seconds

    def quantile(self, share: float) -> float:
        """Return the milliseconds that a share of the requests stayed below."""
        return quantile(self.milliseconds, share)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least a share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def median(values: Iterable[float]) -> float:
    """Return the middle one."""
    return statistics.median(values)


def get(path: str) -> bytes:
    """Return the bytes of a GET as browsers send it, without asking for compression."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode()


class UnexpectedAnswer(Exception):
    """A server did not answer 200."""


@dataclass
class _Connection:
    socket: socket.socket
    began: float = 0.0
    awaited: int = 0
    head: bytes = field(default=b"")


def ask_again(port: int, request: bytes, seconds: float, connections: int) -> Measured:
    """Send one request again and again for some seconds, over some connections at once."""
    return _drive(port, repeat(request), connections, seconds)


def ask_each(port: int, requests: Iterable[bytes], connections: int = 1) -> Measured:
    """Send each request once; over one connection, a server has nothing else to do meanwhile."""
    return _drive(port, iter(requests), connections, None)


def _drive(port: int, requests: Iterator[bytes], connections: int, seconds: float | None) -> Measured:
    selector = selectors.DefaultSelector()
    open_ones = [_connect(port) for _ in range(connections)]
    milliseconds: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    until = began + seconds if seconds is not None else float("inf")
    try:
        busy = 0
        for connection in open_ones:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            busy += _send_next(connection, requests)
        while busy:
            for key, _ in selector.select(30):
                connection = key.data
                if not _receive(connection):
                    continue
                now = time.perf_counter()
                milliseconds.append((now - connection.began) * 1e3)
                busy -= 1
                if now < until:
                    busy += _send_next(connection, requests)
        ended = time.perf_counter()
    finally:
        selector.close()
        for connection in open_ones:
            connection.socket.close()
    return Measured(len(milliseconds), ended - began, milliseconds, time.process_time() - cpu)


def _connect(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=60)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)


def _send_next(connection: _Connection, requests: Iterator[bytes]) -> int:
    """Send the next request; return 1, or 0 when there is none left."""
    request = next(requests, None)
    if request is None:
        return 0
    connection.began = time.perf_counter()
    connection.socket.sendall(request)
    return 1


def _receive(connection: _Connection) -> bool:
    """Read what has come; tell whether the answer is complete."""
    data = connection.socket.recv(1 << 18)
    if not data:
        raise UnexpectedAnswer("the server closed the connection")
    if connection.awaited:
        connection.awaited -= len(data)
        return connection.awaited == 0
    data = connection.head + data
    end = data.find(b"\r\n\r\n")
    if end < 0:
        connection.head = data
        return False
    connection.head = b""
    if data[9:12] != b"200":
        raise UnexpectedAnswer(data[:500].decode(errors="replace"))
    at = data[:end].lower().find(b"content-length: ")
    if at < 0:
        raise UnexpectedAnswer("the answer does not tell its length")
    length = int(data[at + 16 : data.find(b"\r", at)])
    connection.awaited = end + 4 + length - len(data)
    return connection.awaited == 0


def body_of(port: int, path: str) -> bytes:
    """Return the body of one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as opened:
        opened.sendall(get(path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        parts = []
        while data := opened.recv(1 << 18):
            parts.append(data)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    if head[9:12] != b"200":
        raise UnexpectedAnswer((head + b"\n" + body)[:500].decode(errors="replace"))
    return body
