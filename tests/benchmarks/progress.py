"""Progress on standard error: lines, or a bar on a terminal."""

import sys

_WIDTH = 30


class Progress:
    """Counts finished steps of a known number."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0

    def show(self, what: str) -> None:
        """Show what runs now."""
        if sys.stderr.isatty():
            filled = _WIDTH * self._done // self._steps
            line = f"\r\033[K[{'#' * filled}{'.' * (_WIDTH - filled)}] {what}"
            print(line, end="", file=sys.stderr, flush=True)
        else:
            step = min(self._done + 1, self._steps)
            print(f"[{step}/{self._steps}] {what}", file=sys.stderr, flush=True)

    def step(self) -> None:
        """Count a step as finished."""
        self._done += 1

    def close(self) -> None:
        """Clear the bar."""
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
