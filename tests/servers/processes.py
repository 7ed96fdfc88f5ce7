"""Programs that listen on a port, and can be stopped, killed and started again on it."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ending import surely_ending
from tests.servers.ports import accepts_connections

#: Seconds, long enough for a busy machine.
_START_TIMEOUT = 30


class Server:
    """A program with its configuration in a directory, where its output goes, too.

    ``environment`` are all its variables; by default it has those of the tests.
    """

    def __init__(
        self,
        command: Sequence[object],
        *,
        port: int,
        directory: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.directory = directory
        self._environment = environment
        self._command = [str(part) for part in command]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Return what it has written, since its first start."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.directory / "log"

    def launch(self) -> None:
        """Start it, and do not wait until it listens."""
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the test, which then stops it
            )

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self.launch()
        self.wait_until_listening()

    def wait_until_listening(self) -> None:
        """Wait until its port accepts connections."""
        assert self._process is not None
        deadline = time.monotonic() + _START_TIMEOUT
        while not accepts_connections(self.port):
            assert self._process.poll() is None, f"{self._command[0]} ended:\n{self.log}"
            assert time.monotonic() < deadline, f"{self._command[0]} does not listen:\n{self.log}"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it as an administrator does; nothing listens on its port then."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            with surely_ending(self._process):
                self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process is not None
        with surely_ending(self._process):
            self._process.kill()

    def restart(self) -> None:
        """Stop it, and start it again on the same port."""
        self.stop()
        self.start()

    def suspend(self) -> None:
        """Suspend it: it accepts connections and never answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it continue."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def temporary_directory(name: str) -> Iterator[Path]:
    """Give a directory for a server's files, and delete it after the block."""
    directory = Path(tempfile.mkdtemp(prefix=f"talk-calls-{name}."))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
