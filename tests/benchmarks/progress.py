"""Lines, or a bar on a terminal, that say how far the measurement is; on standard error."""

import sys

_WIDTH = 30


class Progress:
    """Counts steps of known number."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    def say(self, what: str) -> None:
        """Tell what happens now."""
        if sys.stderr.isatty():
            filled = _WIDTH * self._done // self._steps
            line = f"\r\033[K[{'#' * filled}{'.' * (_WIDTH - filled)}] {what}"
            print(line, end="", file=sys.stderr, flush=True)
        else:
            print(f"[{self._done + 1}/{self._steps}] {what}", file=sys.stderr, flush=True)

    def step(self) -> None:
        """Count what was said as done."""
        self._done += 1

    def close(self) -> None:
        """Leave the terminal's line to others."""
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
