"""The timeline of one call: a row for each device, a bar for each time it was in the call."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.admin.charts.axes import Scale, Tick, round_times
from talk_calls.admin.charts.base import Chart
from talk_calls.constants import LegReason
from talk_calls.reports.formatting import duration_text, time_text, zone_text
from talk_calls.reports.timeline import Timeline, TimelineLeg

#: Rows of one chart; the table below it has the rest.
MAX_ROWS = 40

_MAX_NAME = 24

#: Groups of reasons that have one colour and pattern, with their text in the legend.
_FAMILIES = {
    "in": _("still in"),
    "left": _("left"),
    "timeout": _("stopped pinging"),
    "taken": _("taken out"),
    "ended": _("the call ended"),
}
_FAMILY = {
    "": "in",
    LegReason.LEFT: "left",
    LegReason.ROOM_LEFT: "left",
    LegReason.REPLACED: "left",
    LegReason.TIMEOUT: "timeout",
    LegReason.ENDED_FOR_ALL: "ended",
    LegReason.CONVERSATION_DELETED: "ended",
    LegReason.MAX_DURATION: "ended",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in the call; ``family`` selects colour and pattern, ``title`` describes it."""

    x: int
    width: int
    family: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A device; ``label`` is its name if that is short, and ``title`` the whole name."""

    y: int
    label: str
    title: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend."""

    family: str
    text: str


class TimelineChart(Chart):
    """The chart of ``timeline``; an open call ends at the time that the timeline is of."""

    template_name = "admin/talk_calls/charts/timeline.html"
    width = 960
    left, right, top = 220, 940, 10
    row_height, bar_height = 26, 16

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        left = (each.left_at for each in timeline.legs if each.left_at)
        self._start = timeline.call.started_at
        self._end = max([timeline.ended_at or timeline.now, *left])
        self._x_of = Scale(self._start.timestamp(), self._end.timestamp(), self.left, self.right)

    @property
    def bottom(self) -> int:
        """Return the y of the axis of time."""
        return self.top + self.row_height * len(self.rows) + 4

    @property
    def height(self) -> int:
        """Return the height with the texts below the axis."""
        return self.bottom + 28

    @cached_property
    def _devices(self) -> dict[tuple[str, str, int], list[TimelineLeg]]:
        devices: dict[tuple[str, str, int], list[TimelineLeg]] = {}
        for leg in self.timeline.legs:
            devices.setdefault((*leg.person, leg.device), []).append(leg)
        return devices

    @property
    def hidden(self) -> int:
        """Return how many devices are beyond ``MAX_ROWS``."""
        return max(0, len(self._devices) - MAX_ROWS)

    @cached_property
    def rows(self) -> list[Row]:
        """Return the first ``MAX_ROWS`` devices, in the order in which they joined."""
        shown = list(self._devices.values())[:MAX_ROWS]
        return [self._row(index, legs) for index, legs in enumerate(shown)]

    @property
    def keys(self) -> list[Key]:
        """Return the legend of the colours and patterns that the rows use."""
        seen = {bar.family for row in self.rows for bar in row.bars}
        return [Key(family, str(text)) for family, text in _FAMILIES.items() if family in seen]

    @property
    def zone(self) -> str:
        """Return the zone of the marks."""
        return zone_text(self._end)

    @property
    def times(self) -> list[Tick]:
        """Return the marks of the axis of time."""
        times = round_times(self._start, self._end, steps=8)
        return [Tick(self._x(at), text) for at, text in times]

    def _row(self, index: int, legs: list[TimelineLeg]) -> Row:
        title = _who(legs[0])
        label = title if len(title) <= _MAX_NAME else f"{title[: _MAX_NAME - 1]}…"
        y = self.top + self.row_height * index
        return Row(y, names.isolated(label), title, [self._bar(leg) for leg in legs])

    def _bar(self, leg: TimelineLeg) -> Bar:
        start, end = leg.joined_at, leg.left_at or self._end
        x = self._x(start)
        text = _("{who}: {start} to {end}, {duration}. {why}.")
        if leg.left_at is None:
            text = _("{who}: {start} and still in, {duration}.")
        title = text.format(
            who=_who(leg),
            start=time_text(start),
            end=time_text(end),
            duration=duration_text(leg.duration(self.timeline.now)),
            why=leg.reason_text,
        )
        family = _FAMILY.get(leg.reason, "taken")
        return Bar(x, max(3, self._x(end) - x), family, title)

    def _x(self, at: datetime) -> int:
        return round(self._x_of(at.timestamp()))


def _who(leg: TimelineLeg) -> str:
    who = names.isolated(leg.who)
    if leg.device == 1:
        return who
    return _("{who}, device {device}").format(who=who, device=leg.device)
