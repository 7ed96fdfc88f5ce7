"""A progress bar, on terminals only."""

import sys

from django.core.management.base import OutputWrapper

_WIDTH = 40


class Progress:
    """A progress bar on standard error if that is a terminal, else nothing.

    ``stream`` is the ``stderr`` of a command.
    """

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream
        self._shown = stream.isatty() if hasattr(stream, "isatty") else sys.stderr.isatty()
        self._last = ""

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar for ``done`` of ``total`` steps, if it looks different from the last one."""
        if not self._shown or not total:
            return
        bar = "#" * (_WIDTH * done // total)
        line = f"\r[{bar:<{_WIDTH}}] {done:,} of {total:,}"
        if line == self._last:
            return
        self._last = line
        self._stream.write(line + ("\n" if done == total else ""), ending="")
        self._stream.flush()
