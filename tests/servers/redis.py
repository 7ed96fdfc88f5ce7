"""A Redis or Valkey server that stores nothing on disk."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.ending import surely_ending
from tests.servers.ports import HOST, free_port

#: Seconds, long enough for a busy machine.
_START_TIMEOUT = 30


def redis_program() -> str | None:
    """Return the path of the server program, if there is one."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


@dataclass
class Redis:
    """A Redis (or Valkey) that can be stopped, suspended and started again on its port."""

    port: int
    program: str
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Return its URL."""
        return f"redis://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        listens = ("--bind", HOST, "--port", str(self.port))
        command = [self.program, *listens, "--save", "", "--appendonly", "no", "--dir", "/tmp"]  # noqa: S108 -- it writes nothing
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it; nothing listens on its port then."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            with surely_ending(self.process):
                self.process.terminate()

    def suspend(self) -> None:
        """Suspend it: it accepts connections and never answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it continue."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[Redis]:
    """Start a server on a free port, and stop it; exit if there is no program for it."""
    program = redis_program()
    if program is None:
        sys.exit("Redis is not installed (Debian: apt-get install redis-server)")
    redis = Redis(free_port(), program)
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
