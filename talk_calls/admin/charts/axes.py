"""Axes of charts: where a value is drawn, and the round values that are marked."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from talk_calls.reports.formatting import day_text, number_text

_TIME_STEPS = [
    *(timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 6, 12, 24, 48, 168)),
]

#: Of the texts of a vertical axis: how wide a character is, what is left free beside a text, and
#: how wide the place for them is at least. Charts beside each other mostly have the same.
_CHARACTER = 9
_GAP = 10
_LEAST_PLACE = 52


class Tick(NamedTuple):
    """A mark on an axis: its coordinate and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis: ``low`` is drawn at the coordinate ``start``, and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the coordinate of ``value``; outside of the axis, that of its nearest end."""
        share = (value - self.low) / (self.high - self.low or 1)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))


def round_amounts(highest: float, *, steps: int = 4) -> list[float]:
    """Return round numbers at equal distances from 0 to at least ``highest``.

    There are up to ``steps`` steps, whole numbers in size.
    """
    if highest <= 0:
        return [0, 1]
    smallest = highest / steps
    power = 10 ** math.floor(math.log10(smallest))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= smallest)
    step = max(step, 1)
    return [step * number for number in range(math.ceil(highest / step) + 1)]


def place_for(amounts: Iterable[float]) -> int:
    """Return how wide the place to the left of a vertical axis is that has marks at ``amounts``."""
    longest = max(len(number_text(amount)) for amount in amounts)
    return max(_LEAST_PLACE, _CHARACTER * longest + _GAP)


def round_times(start: datetime, end: datetime, *, steps: int) -> Iterator[tuple[datetime, str]]:
    """Yield round local times from ``start`` to ``end`` with their texts, about ``steps`` of them.

    A text is hours and minutes, with seconds if the steps are shorter than a minute; at midnight it
    is the day.
    """
    step = next((s for s in _TIME_STEPS if s * steps >= end - start), (end - start) / steps)
    midnight = timezone.localtime(start).replace(hour=0, minute=0, second=0, microsecond=0)
    passed = -((midnight - start) // step)
    at = midnight + step * passed
    while at <= end:
        yield at, _time_text(at, step)
        at += step


def _time_text(at: datetime, step: timedelta) -> str:
    at = timezone.localtime(at)
    if not (at.hour or at.minute or at.second):
        return day_text(at)
    return f"{at:%H:%M:%S}" if step < timedelta(minutes=1) else f"{at:%H:%M}"
