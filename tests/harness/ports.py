"""Ports for servers that tests start, and how long connections to them are kept."""

import ssl

import httpx

from tools.ports import free_port

__all__ = ["BRIEFLY_IDLE", "NEVER_IDLE", "PLAIN", "free_port"]

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What clients of servers on this machine take as `verify`: they speak plain HTTP; reading certificates takes 30 ms."""
BRIEFLY_IDLE = httpx.Limits(keepalive_expiry=2)
"""Idle connections are dropped before servers do so, after 5 s: one used just then would break under a test."""
NEVER_IDLE = httpx.Limits(max_keepalive_connections=0)
"""Each request has a connection of its own: on a machine that stands still for seconds, none is too old."""
