"""Ports of servers on this machine."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def accepts_connections(port: int) -> bool:
    """Tell whether a server listens on a port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
