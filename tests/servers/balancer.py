"""A TCP proxy that gives each connection to the next of several servers, as nginx does."""

import contextlib
import itertools
import socket
from collections.abc import Sequence

from tests.servers.proxies import Proxy, connection_to


class Balancer(Proxy):
    """Passes connections on to ports in turn, but for those on which nobody listens."""

    def __init__(self) -> None:
        super().__init__()
        self._count = itertools.count()
        #: The ports to which connections are passed on.
        self.targets: Sequence[int] = ()

    def connect(self, client: socket.socket) -> socket.socket | None:
        first = next(self._count)
        for number in range(len(self.targets)):
            with contextlib.suppress(OSError):
                return connection_to(self.targets[(first + number) % len(self.targets)])
        return None
