"""The site's processes as the harness sees them: servers and sweepers that can be killed."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from tests.servers.ports import HOST, accepts_connections

#: Seconds for a process to start or to end.
_TIMEOUT = 30

#: Below the range of outgoing connections, none of which may take the port of a killed server.
_PORTS = range(20_000, 32_000)


class ForkServer:
    """A running ``tests.race.forkserver``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._stdin = cast(IO[str], process.stdin)
        self._stdout = cast(IO[str], process.stdout)
        self._read()  # "ready"

    def execute(self, command: str, argument: object) -> str:
        """Send a command, and return the answer."""
        self._stdin.write(f"{command} {argument}\n")
        self._stdin.flush()
        return self._read()

    def close(self) -> None:
        """End it with all its children."""
        self._stdin.close()
        self._process.wait(_TIMEOUT)
        self._stdout.close()

    def _read(self) -> str:
        line = self._stdout.readline()
        if not line:
            sys.exit("The site's processes cannot be started; the log says why.")
        return line.strip()


@contextmanager
def forkserver(environment: dict[str, str], log: Path) -> Iterator[ForkServer]:
    """Start a forkserver, and end it with all its children; their output goes to ``log``."""
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.race.forkserver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            env=environment,
        )
    started = ForkServer(process)
    try:
        yield started
    finally:
        started.close()


@dataclass
class Child:
    """A process that can be killed and started again.

    ``kills`` counts how often the harness killed it, ``crashes`` how often it had ended before.
    """

    forkserver: ForkServer
    command: str
    argument: object
    pid: int = 0
    kills: int = 0
    crashes: int = 0

    def start(self) -> None:
        """Start it."""
        self.pid = int(self.forkserver.execute(self.command, self.argument))

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        if self.forkserver.execute("kill", self.pid) == "ended":
            self.crashes += 1
        self.kills += 1

    def suspend(self) -> None:
        """Suspend it."""
        self.forkserver.execute("stop", self.pid)

    def resume(self) -> None:
        """Let it continue."""
        self.forkserver.execute("cont", self.pid)


def _free_port() -> int:
    """Return a port of ``_PORTS`` on which nothing listens."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port


@dataclass
class Server(Child):
    """A web server; ``is_up`` tells whether it accepts connections."""

    command: str = "serve"
    argument: object = field(default_factory=_free_port)
    is_up: bool = False

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(str(self.argument))

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"

    def kill(self) -> None:
        """Kill it with all its requests."""
        self.is_up = False
        super().kill()

    def check(self) -> bool:
        """Tell whether it accepts connections now, and remember if it does."""
        if not accepts_connections(self.port):
            return False
        self.is_up = True
        return True

    def wait(self) -> None:
        """Wait until it accepts connections."""
        deadline = time.monotonic() + _TIMEOUT
        while not self.check():
            if time.monotonic() > deadline:
                sys.exit(f"A server did not start on port {self.port}; the log says why.")
            time.sleep(0.02)
