"""Round numbers for the edges of pictures."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

_STEPS = [
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12, 24, 48, 168)),
]


def round_top(most: int) -> int:
    """Return the smallest of 2, 4, 10, 20, 40, 100 … that is not below ``most``."""
    top = 1
    while True:
        for factor in (2, 4, 10):
            if top * factor >= most:
                return top * factor
        top *= 10


def time_ticks(start: datetime, end: datetime, *, most: int) -> Iterator[tuple[datetime, str]]:
    """Return round local times from ``start`` to ``end``, with their words; about ``most`` of them.

    Words are hours and minutes, with seconds where the steps are shorter; midnight is the day.
    """
    step = next((s for s in _STEPS if s * most >= end - start), (end - start) / most)
    midnight = timezone.localtime(start).replace(hour=0, minute=0, second=0, microsecond=0)
    passed = -((midnight - start) // step)
    at = midnight + step * passed
    while at <= end:
        yield at, _words(at, step)
        at += step


def _words(at: datetime, step: timedelta) -> str:
    at = timezone.localtime(at)
    if not (at.hour or at.minute or at.second):
        return f"{at:%b} {at.day}"
    return f"{at:%H:%M:%S}" if step < timedelta(minutes=1) else f"{at:%H:%M}"
