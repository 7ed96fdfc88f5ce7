"""Processes that surely end, so that a test which fails does not wait for one for ever."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Seconds in which a process may end by itself.
PATIENCE = 30


@contextmanager
def surely_ending(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Let a process end by itself within PATIENCE after the block; kill it after that.

    ``with process:`` alone would wait for a process that ignores what it was sent.
    """
    try:
        yield
        process.communicate(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
