"""Ports for servers that tests start."""

from tools.ports import free_port

__all__ = ["free_port"]
