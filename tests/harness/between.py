"""Stands between a client and a server, and lets happen to requests and answers what happens on a network."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Answer = tuple[int, bytes]


@dataclass(frozen=True)
class Passing:
    """One request on its way: `forward` sends it on and returns the status and the body of the answer."""

    method: str
    path: str
    body: bytes
    forward: Callable[[], Answer]


Rule = Callable[[Passing], Answer | None]
"""Says what becomes of a request: the answer that its sender gets, or none when the connection breaks."""


def pass_on(passing: Passing) -> Answer | None:
    """Let a request and its answer pass."""
    return passing.forward()


class Between:
    """Where clients ask, at `url`; `rule` may be changed at any time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rule: Rule = pass_on


@contextmanager
def between(target: str) -> Iterator[Between]:
    """Stand before a server."""
    with httpx.Client(base_url=target, timeout=30) as client:
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.daemon_threads = True
        standing = Between(f"http://127.0.0.1:{server.server_address[1]}")
        server.RequestHandlerClass = _handler(client, standing)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield standing
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(client: httpx.Client, standing: Between) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}

            def forward() -> Answer:
                answer = client.request(self.command, self.path, content=body, headers=kept)
                return answer.status_code, answer.content

            try:
                answer = standing.rule(Passing(self.command, self.path, body, forward))
            except httpx.HTTPError:
                answer = None
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: tests tell what went wrong."""

    return Handler
