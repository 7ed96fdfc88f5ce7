"""The demo as a process of its own, started as `make demo` does."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.ending import surely_ending
from tests.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]

NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def run(command: str, **kwargs) -> str:
    """Run a shell command and return its output; a failure shows the output."""
    shell = ["sh", "-eu", "-c", command]
    done = subprocess.run(shell, capture_output=True, text=True, check=False, **kwargs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, str]]:
    """Serve the demo with a database in this folder; return its port and its output."""
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
        "DJANGO_DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }
    process = subprocess.Popen(
        command(port), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    with surely_ending(process):
        try:
            yield port, printed(process)
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def command(port: int) -> list[str]:
    """Return what `make demo` runs once the environment is there, which it is: we run in it."""
    recipe = run(f"make --no-print-directory -n demo PORT={port}", cwd=ROOT)
    last = recipe.strip().splitlines()[-1]
    arguments = re.search(r"manage\.py (.*)", last)
    assert arguments, recipe
    return [sys.executable, "-u", "manage.py", *arguments[1].split()]


def printed(process: subprocess.Popen) -> str:
    """Return what the demo prints until the guide is complete."""
    lines = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if "-X DELETE" in line and "demopublic" in line:
            return "".join(lines)
    raise AssertionError("".join(lines))
