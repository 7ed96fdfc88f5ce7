"""Server processes: started, looked into, killed."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any
from uuid import uuid4

from django.db import connection

from tests.patience import until_so
from tests.servers.ports import HOST

#: Long enough for a machine that has much else to do.
PATIENCE = 30.0

#: So seldom that nothing is found by a query: it arrives by a hint or not at all.
NEVER = 600.0


@dataclass(frozen=True)
class Server:
    """A server process; ``name`` is the application name of its connections in PostgreSQL."""

    port: int
    name: str
    process: "subprocess.Popen[bytes]"
    words: IO[bytes]

    def inside(self) -> dict[str, Any]:
        """Return what is going on in it (urls.py)."""
        asked = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        asked.request("GET", "/inside")
        inside: dict[str, Any] = json.loads(asked.getresponse().read())
        asked.close()
        return inside

    def until(self, **expected: Any) -> None:
        """Wait until that is what is going on in it."""
        wait_until(lambda: expected.items() <= self.inside().items(), f"{expected} in {self.name}")

    def connections(self) -> int:
        """Return how many connections to the database it has, those that carry hints apart."""
        if connection.vendor == "sqlite":
            return int(self.inside()["connections"])
        hints = ("LISTEN %", "SELECT pg_notify%")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
                " AND query NOT LIKE %s AND query NOT LIKE %s",
                [self.name, *hints],
            )
            return int(cursor.fetchone()[0])

    def logged(self) -> str:
        """Return what it logged."""
        self.words.seek(0)
        return self.words.read().decode()

    def kill(self) -> None:
        """End it by SIGKILL, as the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(
    count: int = 1,
    *,
    wakeup: str = "",
    query_interval: float = 0.5,
    kind: str = "ours",
    **environment: str,
) -> Iterator[list[Server]]:
    """Start servers on the database of the tests, and kill them in the end."""
    environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.signaling.live.settings",
        "LIVE_DATABASE": str(connection.settings_dict["NAME"]),
        "LIVE_WAKEUP": wakeup,
        "LIVE_QUERY_INTERVAL": str(query_interval),
    }
    with ExitStack() as stack:
        servers = [stack.enter_context(_one(kind, environment)) for _ in range(count)]
        for server in servers:
            server.inside()  # it waits in the queue of the socket until the server is up
        yield servers


@contextmanager
def _one(kind: str, environment: dict[str, str]) -> Iterator[Server]:
    name = f"live-{uuid4().hex[:12]}"
    # The socket listens before the server is up, so there is no port to guess, or to lose.
    with socket.create_server((HOST, 0)) as listener, tempfile.TemporaryFile() as words:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.signaling.live", kind, str(listener.fileno())],
            env={**os.environ, **environment, "PGAPPNAME": name},
            pass_fds=[listener.fileno()],
            stdout=words,
            stderr=words,
        )
        listener.close()  # it is the server's alone, and dies with it
        server = Server(port, name, process, words)
        try:
            yield server
        finally:
            server.kill()


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds."""
    until_so(is_so, PATIENCE, what)
