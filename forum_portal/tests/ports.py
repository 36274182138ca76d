"""Ports of this machine for servers that tests start."""

import secrets
import socket
from pathlib import Path


def free_port() -> int:
    """A port that nothing listens at, below those that the system gives to outgoing connections.

    One of those might be given away before the server begins, or while it restarts.
    """
    limits = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
    first = int(limits.split()[0])
    while True:
        port = 10_000 + secrets.randbelow(first - 10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
