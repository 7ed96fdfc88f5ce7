"""A TCP proxy that can cut the WebSockets that pass through it, and let others pass."""

import socket
import threading

from tests.servers.proxies import Proxy, connection_to, end

#: How a request for the WebSocket of a High-performance Backend begins.
_WEBSOCKET = b"GET /spreed"


class Gate(Proxy):
    """Passes connections on to a port of this machine."""

    def __init__(self) -> None:
        super().__init__()
        #: The port to which connections are passed on.
        self.target = 0
        self._is_open = threading.Event()
        self._is_open.set()
        self._websockets: list[socket.socket] = []

    def cut(self) -> None:
        """Cut all WebSockets, and refuse new ones."""
        self._is_open.clear()
        while self._websockets:
            end(self._websockets.pop())

    def mend(self) -> None:
        """Let WebSockets pass again."""
        self._is_open.set()

    def close(self) -> None:
        self.cut()
        super().close()

    def connect(self, client: socket.socket) -> socket.socket | None:
        begin = client.recv(65536)
        if begin.startswith(_WEBSOCKET):
            if not self._is_open.is_set():
                return None
            self._websockets.append(client)
        try:
            server = connection_to(self.target)
        except OSError:
            return None
        server.sendall(begin)
        return server
