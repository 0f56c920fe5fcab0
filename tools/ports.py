"""Ports for servers that are started and stopped here."""

import random
import socket


def free_port() -> int:
    """Return a port on 127.0.0.1 that nobody listens on.

    It lies below those that systems give to outgoing connections, so that a server can come back to it after a while.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
