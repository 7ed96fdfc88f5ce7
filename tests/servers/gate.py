"""A TCP proxy that can cut the WebSockets that pass through it, and let others pass."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import HOST

#: How a request for the WebSocket of a High-performance Backend begins.
_WEBSOCKET = b"GET /spreed"


class Gate:
    """Passes connections on to a port of this machine."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        #: The port to which connections are passed on.
        self.target = 0
        self._is_open = threading.Event()
        self._is_open.set()
        self._websockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

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
        end(self._listener)

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        begin = client.recv(65536)
        if begin.startswith(_WEBSOCKET):
            if not self._is_open.is_set():
                return end(client)
            self._websockets.append(client)
        try:
            server = socket.create_connection((HOST, self.target), timeout=5)
        except OSError:
            return end(client)
        server.settimeout(None)
        server.sendall(begin)
        threading.Thread(target=copy_all, args=[server, client], daemon=True).start()
        copy_all(client, server)
        return None


@contextmanager
def running() -> Iterator[Gate]:
    """Open a gate, and close it after the block; its ``target`` may be set later."""
    gate = Gate()
    threading.Thread(target=gate.serve, daemon=True).start()
    try:
        yield gate
    finally:
        gate.close()


def copy_all(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side sends, until one of the two ends; then both are ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    end(source)
    end(target)


def end(connection: socket.socket) -> None:
    """End a connection for both sides, or stop listening."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
