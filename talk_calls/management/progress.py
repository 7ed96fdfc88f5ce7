"""A progress bar, on terminals only."""

import shutil
import sys
import time
from datetime import timedelta

from django.core.management.base import OutputWrapper
from django.utils.translation import gettext as _

from talk_calls.management.widths import display_width
from talk_calls.reports.formatting import duration_text

#: The widest bar, and the columns that are left for the words beside it.
_WIDTH, _WORDS = 40, 39

#: Seconds that have to pass before the first guess of how long it will take.
_FIRST_GUESS = 2


class Progress:
    """A progress bar on standard error if that is a terminal, else nothing.

    After some seconds it tells how long the rest takes, if it goes on like that. ``stream`` is the
    ``stderr`` of a command.
    """

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream
        self._shown = stream.isatty() if hasattr(stream, "isatty") else sys.stderr.isatty()
        self._last = ""
        self._began: tuple[float, int] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar for ``done`` of ``total`` steps, if it looks different from the last one."""
        if not self._shown or not total:
            return
        width = max(1, min(_WIDTH, shutil.get_terminal_size().columns - _WORDS))
        bar = "#" * (width * done // total)
        count = _("{done:,} of {total:,}").format(done=done, total=total)
        line = f"[{bar:<{width}}] {count}{self._time(done, total)}"
        if line == self._last:
            return
        rest = " " * (display_width(self._last) - display_width(line))
        self._last = line
        end = "\n" if done == total else ""
        # Without a style: Django's for this stream is that of errors.
        self._stream.write(f"\r{line}{rest}{end}", style_func=str, ending="")
        self._stream.flush()

    def _time(self, done: int, total: int) -> str:
        """Return how long the rest takes, or all of it took; empty while nobody can tell."""
        now = time.monotonic()
        if self._began is None:
            self._began = now, done
        start, before = self._began
        passed = now - start
        if passed < _FIRST_GUESS or done == before:
            return ""
        if done == total:
            return _(" in {duration}").format(duration=_text(passed))
        rest = passed / (done - before) * (total - done)
        return _(", {duration} left").format(duration=_text(rest))


def _text(seconds: float) -> str:
    return duration_text(timedelta(seconds=seconds))
