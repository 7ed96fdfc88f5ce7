"""Times that tests name by seconds, from a moment at which the clock stands still."""

from datetime import UTC, datetime, timedelta

START = datetime(2021, 2, 22, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the moment this many seconds after the start."""
    return START + timedelta(seconds=seconds)
