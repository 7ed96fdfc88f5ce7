"""Times as seconds from a fixed start."""

from datetime import UTC, datetime, timedelta

START = datetime(2021, 2, 22, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return the time this many seconds after the start."""
    return START + timedelta(seconds=seconds)
