"""A TCP proxy that gives each connection to the next of several servers, as nginx does."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.servers.gate import copy_all, end
from tests.servers.ports import HOST


class Balancer:
    """Passes connections on to ports in turn, but for those on which nobody listens."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self._count = itertools.count()
        self.port = int(self._listener.getsockname()[1])
        #: The ports to which connections are passed on.
        self.targets: Sequence[int] = ()

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

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
        server = self._connect()
        if server is None:
            return end(client)
        threading.Thread(target=copy_all, args=[server, client], daemon=True).start()
        return copy_all(client, server)

    def _connect(self) -> socket.socket | None:
        first = next(self._count)
        for number in range(len(self.targets)):
            port = self.targets[(first + number) % len(self.targets)]
            with contextlib.suppress(OSError):
                server = socket.create_connection((HOST, port), timeout=5)
                server.settimeout(None)
                return server
        return None


@contextmanager
def running() -> Iterator[Balancer]:
    """Start a balancer, and stop it after the block; its ``targets`` may be set later."""
    balancer = Balancer()
    threading.Thread(target=balancer.serve, daemon=True).start()
    try:
        yield balancer
    finally:
        balancer.close()
