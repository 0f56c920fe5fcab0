"""The gateway as docker-compose.yml runs it, which finds nodes by name: more nodes need no other configuration."""

import os
import signal
import socket
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer, UDPServer

import httpx
import pytest

from services.api.settings import Settings as ApiSettings
from services.portal.settings import Settings as PortalSettings
from tests.harness.ports import free_port
from tests.harness.support import check_problem
from tests.harness.waiting import SOON, until
from tools.local.servers import GATEWAY

pytestmark = pytest.mark.needs("caddy")


class Names:
    """A name server that gives every name the same addresses: over UDP, and over TCP for systems that want it so."""

    def __init__(self) -> None:
        names = self
        self.addresses: list[str] = []

        class Datagram(BaseRequestHandler):
            def handle(self) -> None:
                asked, answering = self.request
                answering.sendto(names.answer(asked), self.client_address)

        class Stream(StreamRequestHandler):
            def handle(self) -> None:
                while length := self.rfile.read(2):
                    answer = names.answer(self.rfile.read(int.from_bytes(length, "big")))
                    self.wfile.write(len(answer).to_bytes(2, "big") + answer)

        tcp = ThreadingTCPServer(("127.0.0.1", 0), Stream)
        self._servers = (tcp, UDPServer(tcp.server_address, Datagram))
        self.address = f"127.0.0.1:{tcp.server_address[1]}"
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}) for server in self._servers
        ]

    def __enter__(self) -> "Names":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, asked: bytes) -> bytes:
        """Return the answer to one question; there are no IPv6 addresses."""
        end = asked.index(b"\0", 12) + 5
        found = self.addresses if asked[end - 4 : end - 2] == b"\0\1" else []
        records = (b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 0, 4) + socket.inet_aton(one) for one in found)
        return asked[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, len(found), 0, 0) + asked[12:end] + b"".join(records)


class Node:
    """Answers every request with its own address; `drop` makes it close connections without a word."""

    def __init__(self, address: str, port: int) -> None:
        node = self
        self.drop = False
        self.seen: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                node.seen.append(self.headers["X-Forwarded-For"])
                if node.drop:
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(address)))
                self.end_headers()
                self.wfile.write(address.encode())

            do_GET = do_POST = answer

            def log_message(self, format: str, *values: object) -> None:
                pass

        self._server = ThreadingHTTPServer((address, port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def names() -> Iterator[Names]:
    with Names() as names:
        yield names


@contextmanager
def gateway(folder: Path, names: Names, node_port: int, **more: str) -> Iterator[httpx.Client]:
    port, health = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "SITE_ADDRESS": f":{port}",
        "BIND": "127.0.0.1",
        "HEALTH_PORT": str(health),
        "RESOLVER": names.address,
        "NODE_PORT": str(node_port),
    }
    command = ["caddy", "run", "--config", GATEWAY, "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment | more, stdout=log, stderr=log)
    try:
        until(lambda: _healthy(health))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def _healthy(port: int) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok"
    return False


def shares(client: httpx.Client, requests: int = 30) -> Counter[str]:
    """Return how many requests each node answered."""
    answers = [client.get("/search/v1/records") for _ in range(requests)]
    assert {answer.status_code for answer in answers} == {200}
    return Counter(answer.text for answer in answers)


def test_nodes_come_and_go_by_name(tmp_path: Path, names: Names) -> None:
    addresses, port = [f"127.0.0.{number}" for number in (2, 3, 4)], free_port()
    nodes = {address: Node(address, port) for address in addresses}
    try:
        names.addresses = addresses[:2]
        with gateway(tmp_path, names, port) as client:
            assert shares(client).keys() == set(addresses[:2])
            names.addresses = addresses
            until(lambda: shares(client).keys() == set(addresses))
            assert all(5 <= count <= 15 for count in shares(client).values()), "no node is left out"

            nodes.pop(addresses[1]).close()
            assert shares(client).keys() == {addresses[0], addresses[2]}, "its name goes later than itself"
            names.addresses = [addresses[0], addresses[2]]
            until(lambda: shares(client).total() == 30)

            nodes[addresses[2]].drop = True
            assert shares(client).keys() == {addresses[0]}, "a read that lost its node goes to another"
            answers = {client.post("/api/v1/practices", content=b"{}").status_code for _ in range(10)}
            assert answers == {200, 502}, "a write may have had its effect: it is sent once"
            assert set(nodes[addresses[0]].seen) == {"127.0.0.1"}
    finally:
        for node in nodes.values():
            node.close()


def test_nobody_there_is_told_soon(tmp_path: Path, names: Names) -> None:
    with gateway(tmp_path, names, free_port()) as client:
        for names.addresses in ([], ["127.0.0.2"]):
            started = time.monotonic()
            answer = client.get("/api/v1/practices")
            assert time.monotonic() - started < SOON
            check_problem(answer, answer.status_code)
            assert answer.status_code in (502, 503)
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["access-control-allow-origin"] == "*"


def test_bound_of_bodies_is_the_services_own() -> None:
    bounds = {
        name: ApiSettings.model_fields[name] for name in ("max_body_bytes", "max_workbook_bytes", "max_import_bytes")
    }
    bounds["max_upload_bytes"] = PortalSettings.model_fields["upload_bytes"]
    for name, bound in bounds.items():
        assert GATEWAY.read_text().count(f"{{${name.upper()}:{bound.default}}}") == 2


def test_a_domain_is_served_encrypted(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "SITE_ADDRESS": "praxis.example.org", "XDG_DATA_HOME": str(tmp_path)}
    adapted = subprocess.run(
        ["caddy", "adapt", "--config", GATEWAY, "--adapter", "caddyfile"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert '"listen":["0.0.0.0:8443"]' in adapted
    assert '"host":["praxis.example.org"]' in adapted
    assert '"http_port":8080,"https_port":8443' in adapted
