"""The site's processes, as the harness sees them: servers and sweepers that can be killed."""

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

from tests.race.nursery import HOST

_PATIENCE = 30

#: Below the ports that outgoing connections get: none of these may sit on a server's.
_PORTS = range(20_000, 32_000)


class Nursery:
    """A process that forks others when told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._stdin = cast(IO[str], process.stdin)
        self._stdout = cast(IO[str], process.stdout)
        self._hear()

    def tell(self, word: str, argument: object) -> str:
        """Say something, and return the answer."""
        self._stdin.write(f"{word} {argument}\n")
        self._stdin.flush()
        return self._hear()

    def close(self) -> None:
        """Let it kill all that it forked, and end."""
        self._stdin.close()
        self._process.wait(_PATIENCE)
        self._stdout.close()

    def _hear(self) -> str:
        line = self._stdout.readline()
        if not line:
            sys.exit("The site's processes cannot be started; the log says why.")
        return line.strip()


@contextmanager
def nursery(environment: dict[str, str], log: Path) -> Iterator[Nursery]:
    """Start a nursery, and end it with all its children."""
    with log.open("a") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.race.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            env=environment,
        )
    found = Nursery(process)
    try:
        yield found
    finally:
        found.close()


@dataclass
class Child:
    """A process that can be killed and started again.

    ``deaths`` counts how often it went away by our hand, ``surprises`` how often by its own.
    """

    nursery: Nursery
    word: str
    argument: object
    pid: int = 0
    deaths: int = 0
    surprises: int = 0

    def start(self) -> None:
        """Start it."""
        self.pid = int(self.nursery.tell(self.word, self.argument))

    def kill(self) -> None:
        """Kill it as a lack of memory would: without a word."""
        if self.nursery.tell("kill", self.pid) == "dead":
            self.surprises += 1
        self.deaths += 1

    def stop(self) -> None:
        """Suspend it."""
        self.nursery.tell("stop", self.pid)

    def go_on(self) -> None:
        """Wake it."""
        self.nursery.tell("cont", self.pid)


def _free_port() -> int:
    """Return a port that nobody uses."""
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
    """A web server. ``up`` tells whether it takes requests."""

    word: str = "serve"
    argument: object = field(default_factory=_free_port)
    up: bool = False

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(str(self.argument))

    def kill(self) -> None:
        """Kill it with all its requests."""
        self.up = False
        super().kill()

    def answers(self) -> bool:
        """Tell whether it takes connections now."""
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        self.up = True
        return True

    def wait(self) -> None:
        """Wait until it takes connections."""
        deadline = time.monotonic() + _PATIENCE
        while not self.answers():
            if time.monotonic() > deadline:
                sys.exit(f"A server did not start on port {self.port}; the log says why.")
            time.sleep(0.02)
