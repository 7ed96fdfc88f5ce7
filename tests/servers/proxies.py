"""TCP proxies in front of servers of tests: what ``gate`` and ``balancer`` share."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.servers.ports import HOST

P = TypeVar("P", bound="Proxy")


class Proxy:
    """Listens on a port of its own; a subclass connects each client to a server."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

    def connect(self, client: socket.socket) -> socket.socket | None:
        """Return a connection to a server for a client, or None to end that of the client."""
        raise NotImplementedError

    def close(self) -> None:
        """Take no connections any more."""
        end(self._listener)

    def serve(self) -> None:
        """Take connections until it is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        server = self.connect(client)
        if server is None:
            return end(client)
        threading.Thread(target=_copy_all, args=[server, client], daemon=True).start()
        return _copy_all(client, server)


@contextmanager
def running(proxy: P) -> Iterator[P]:
    """Start a proxy, and close it after the block; its targets may be set later."""
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()


def connection_to(port: int) -> socket.socket:
    """Return a connection to a port of this machine; raises ``OSError``."""
    server = socket.create_connection((HOST, port), timeout=5)
    server.settimeout(None)
    return server


def end(connection: socket.socket) -> None:
    """End a connection for both sides, or stop listening."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _copy_all(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side sends, until one of the two ends; then both are ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    end(source)
    end(target)
