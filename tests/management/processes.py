"""A site whose commands run as processes of their own, and may be stopped halfway."""

import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.patience import TooLate

#: manage.py, but for a signal to itself in the middle of what it does.
INTERRUPTED = """
import os, signal, sys
from importlib import import_module
import django
django.setup()
module, _, path = "{after}".partition(":")
*owners, name = path.split(".")
owner = import_module(module)
for each in owners:
    owner = getattr(owner, each)
original, calls = getattr(owner, name), []
def stopped(*args, **kwargs):
    original(*args, **kwargs)
    calls.append(1)
    if len(calls) == {times}:
        os.kill(os.getpid(), signal.SIGINT)
setattr(owner, name, stopped)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


class CommandSite:
    """A site of its own in a file, where processes run that may be stopped halfway."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{self.path}",
            "DJANGO_SECRET_KEY": "only for this test",
            "DJANGO_SETTINGS_MODULE": "project.settings",
        }

    def manage(self, *arguments: str, **kwargs) -> subprocess.CompletedProcess:
        """Run a command to its end."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(  # noqa: S603
            command, env=self.environment, capture_output=True, text=True, check=False, **kwargs
        )

    def interrupted(self, after: str, times: int, *arguments: str) -> subprocess.CompletedProcess:
        """Run a command that gets Ctrl-C right after it called ``after`` so often."""
        code = INTERRUPTED.format(after=after, times=times)
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(  # noqa: S603
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    def ask(self, query: str, *values) -> list[tuple]:
        """Look into the database from outside."""
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(query, values).fetchall()

    def on_a_terminal(self, *arguments: str, columns: int = 80, **environment: str) -> "Terminal":
        """Start a command with somebody in front of it, at a terminal of so many columns."""
        command = [sys.executable, "manage.py", *arguments]
        ours = {name: each for name, each in self.environment.items() if name != "COLUMNS"}
        return Terminal(command, ours | environment, columns)


class Terminal:
    """A command whose operator reads, types and presses Ctrl-C."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        self.process = subprocess.Popen(  # noqa: S603
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, words: str) -> None:
        """Read until the output has these words; a minute at most."""
        deadline = time.monotonic() + 60
        while words not in self.text:
            if time.monotonic() > deadline:
                raise TooLate(self.text)
            self._read(1)

    def type(self, words: str) -> None:
        """Type, and nothing more than that."""
        os.write(self._ours, words.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Wait for the end, a minute at most; return the exit code."""
        deadline = time.monotonic() + 60
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"It does not end:\n{self.text}")
            self._read(0.1)
        self._read(0)
        os.close(self._ours)
        return self.process.returncode

    def _read(self, seconds: float) -> None:
        if not select.select([self._ours], [], [], seconds)[0]:
            return
        with suppress(OSError):  # the other side is closed
            self.text += os.read(self._ours, 65536).decode()
