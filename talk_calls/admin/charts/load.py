"""The load of a day: connected devices as an area, calls as a line, and a table of the hours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from talk_calls.admin.charts.axes import Scale, Tick, place_for, round_amounts, round_times
from talk_calls.admin.charts.base import Chart
from talk_calls.reports.formatting import number_text, zone_text
from talk_calls.reports.load import Minute

#: Below the start of the axis stands the zone; a mark that is nearer to it would touch it.
_ZONE = 28


@dataclass(frozen=True, slots=True)
class Hour:
    """The highest numbers of an hour, counted at the end of each minute."""

    at: datetime
    calls: int
    devices: int


class LoadChart(Chart):
    """A chart of ``minutes``, which must be in order and without gaps, and not empty."""

    template_name = "admin/talk_calls/charts/load.html"
    width, height = 640, 200
    right, top, bottom = 625, 12, 170

    def __init__(self, minutes: list[Minute]) -> None:
        self.minutes = minutes
        self._first, self._last = minutes[0].at, minutes[-1].at
        self._marks = round_amounts(max(minute.devices for minute in minutes), steps=2)
        self.left = place_for(self._marks)
        self._y_of = Scale(0, self._marks[-1], self.bottom, self.top)
        self._x_of = Scale(self._first.timestamp(), self._last.timestamp(), self.left, self.right)

    @property
    def sentence(self) -> str:
        """Return when most devices were connected, as a sentence."""
        peak = max(self.minutes, key=_devices)
        if not peak.devices:
            return _("Nobody was in a call in the last 24 hours.")
        when = f"{timezone.localtime(peak.at):%H:%M} {zone_text(peak.at)}"
        devices = ngettext("{number} device", "{number} devices", peak.devices)
        calls = ngettext("{number} call", "{number} calls", peak.calls)
        return _("Most were connected at {time}: {devices} in {calls}.").format(
            time=when,
            devices=devices.format(number=number_text(peak.devices)),
            calls=calls.format(number=number_text(peak.calls)),
        )

    @cached_property
    def hours(self) -> list[Hour]:
        """Return the hours; the first and the last may be incomplete."""
        hours = groupby(self.minutes, lambda m: timezone.localtime(m.at).replace(minute=0))
        return [_highest(at, list(minutes)) for at, minutes in hours]

    @property
    def devices(self) -> str:
        """Return the area of the devices, as the attribute ``d`` of a path."""
        return f"M{self.left} {self.bottom}{self._steps(_devices)}V{self.bottom}Z"

    @property
    def calls(self) -> str:
        """Return the line of the calls, as the attribute ``d`` of a path."""
        return f"M{self.left} {self._y(self.minutes[0].calls)}{self._steps(_calls)}"

    @property
    def levels(self) -> list[Tick]:
        """Return the marks of the vertical axis."""
        return [Tick(self._y(mark), number_text(mark)) for mark in self._marks]

    @property
    def zone(self) -> str:
        """Return the zone of the marks of the horizontal axis."""
        return zone_text(self._last)

    @property
    def times(self) -> list[Tick]:
        """Return the marks of the horizontal axis."""
        times = round_times(self._first, self._last, steps=8)
        ticks = [Tick(self._x(at), text) for at, text in times]
        return [tick for tick in ticks if tick.at >= self.left + _ZONE]

    def _steps(self, number: Callable[[Minute], int]) -> str:
        """Return a path with a point only where the number changes, up to the right edge."""
        return "".join(self._changes(number)) + f"H{self.right}"

    def _changes(self, number: Callable[[Minute], int]) -> Iterator[str]:
        before = None
        for minute in self.minutes:
            y = self._y(number(minute))
            if y != before:
                yield f"H{self._x(minute.at)}V{y}"
            before = y

    def _x(self, at: datetime) -> int:
        return round(self._x_of(at.timestamp()))

    def _y(self, number: float) -> int:
        return round(self._y_of(number))


def _highest(at: datetime, minutes: list[Minute]) -> Hour:
    return Hour(at, calls=max(map(_calls, minutes)), devices=max(map(_devices, minutes)))


def _calls(minute: Minute) -> int:
    return minute.calls


def _devices(minute: Minute) -> int:
    return minute.devices
