"""The load of a day as a picture, and as a table of its hours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from django.utils import timezone

from talk_calls.admin.axes import round_top, time_ticks
from talk_calls.reports.load import Minute
from talk_calls.reports.words import counted


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark at an edge of the picture."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Hour:
    """The most that went on at the end of any minute of an hour."""

    at: datetime
    calls: int
    devices: int


class LoadChart:
    """A step for each minute; sizes are pixels of the picture, whose text has 14."""

    width, height = 640, 200
    left, right, top, bottom = 52, 625, 12, 170

    def __init__(self, minutes: list[Minute]) -> None:
        self.minutes = minutes
        self._most = round_top(max(minute.devices for minute in minutes))

    @property
    def sentence(self) -> str:
        """Return what there is to see."""
        peak = max(self.minutes, key=lambda minute: minute.devices)
        if not peak.devices:
            return "Nobody was in a call in the last 24 hours."
        when = timezone.localtime(peak.at)
        most = counted(peak.devices, "device")
        calls = counted(peak.calls, "call")
        return f"Most were connected at {when:%H:%M}: {most} in {calls}."

    @cached_property
    def hours(self) -> list[Hour]:
        """Return each hour, the first and the last as far as they belong to the day."""
        hours = groupby(self.minutes, lambda m: timezone.localtime(m.at).replace(minute=0))
        return [_most_of(at, list(minutes)) for at, minutes in hours]

    @property
    def devices(self) -> str:
        """Return the area under the devices, as the ``d`` of a path."""
        return f"M{self.left} {self.bottom}{self._steps(_devices)}V{self.bottom}Z"

    @property
    def calls(self) -> str:
        """Return the line of calls, as the ``d`` of a path."""
        return f"M{self.left} {self._y(self.minutes[0].calls)}{self._steps(_calls)}"

    @property
    def levels(self) -> list[Tick]:
        """Return the marks of how many."""
        return [Tick(self._y(n), f"{n:,}") for n in (0, self._most // 2, self._most)]

    @property
    def times(self) -> list[Tick]:
        """Return the marks of when."""
        first, last = self.minutes[0].at, self.minutes[-1].at
        ticks = time_ticks(first, last, most=8)
        return [Tick(self._x(self._minute_of(at)), words) for at, words in ticks]

    def _steps(self, number: Callable[[Minute], int]) -> str:
        """Return a path that is drawn only where the number changes."""
        return "".join(self._changes(number)) + f"H{self.right}"

    def _changes(self, number: Callable[[Minute], int]) -> Iterator[str]:
        before = None
        for index, minute in enumerate(self.minutes):
            y = self._y(number(minute))
            if y != before:
                yield f"H{self._x(index)}V{y}"
            before = y

    def _minute_of(self, at: datetime) -> float:
        return (at - self.minutes[0].at).total_seconds() / 60

    def _x(self, index: float) -> int:
        last = max(1, len(self.minutes) - 1)
        return round(self.left + (self.right - self.left) * index / last)

    def _y(self, number: int) -> int:
        return round(self.bottom - (self.bottom - self.top) * max(0, number) / self._most)


def _most_of(at: datetime, minutes: list[Minute]) -> Hour:
    return Hour(at, calls=max(map(_calls, minutes)), devices=max(map(_devices, minutes)))


def _calls(minute: Minute) -> int:
    return minute.calls


def _devices(minute: Minute) -> int:
    return minute.devices
