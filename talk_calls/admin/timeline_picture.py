"""One call as a picture: a row for each device of each person, a bar for each stretch."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from talk_calls.admin.axes import time_ticks
from talk_calls.admin.load_chart import Tick
from talk_calls.constants import LegReason
from talk_calls.reports.timeline import Stretch, Timeline
from talk_calls.reports.words import duration

#: Rows of one picture; a table below it has the rest.
MOST_ROWS = 40

_NAME_LENGTH = 24

#: Reasons that look alike; what stands beside each colour is its key's words.
_FAMILIES = {
    "in": "still in",
    "left": "left",
    "timeout": "stopped pinging",
    "taken": "taken out",
    "ended": "the call ended",
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
    """A stretch; ``family`` chooses colour and pattern, ``title`` says all of it in words."""

    x: int
    width: int
    family: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A device of somebody."""

    y: int
    label: str
    title: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour and pattern means."""

    family: str
    words: str


class TimelinePicture:
    """Sizes are pixels of the picture, whose text has 14."""

    width = 960
    left, right, top = 220, 940, 10
    row_height, bar_height = 26, 16

    def __init__(self, told: Timeline) -> None:
        self.told = told
        self._start = told.call.started_at
        self._end = max(
            [told.ended_at or told.now, *(s.left_at for s in told.stretches if s.left_at)]
        )

    @property
    def bottom(self) -> int:
        """Return where the axis of time is."""
        return self.top + self.row_height * len(self.rows) + 4

    @property
    def height(self) -> int:
        """Return the height with the words below the axis."""
        return self.bottom + 28

    @cached_property
    def _devices(self) -> dict[tuple[str, str, int], list[Stretch]]:
        found: dict[tuple[str, str, int], list[Stretch]] = {}
        for stretch in self.told.stretches:
            found.setdefault((*stretch.person, stretch.device), []).append(stretch)
        return found

    @property
    def hidden(self) -> int:
        """Return how many devices do not fit into the picture."""
        return max(0, len(self._devices) - MOST_ROWS)

    @cached_property
    def rows(self) -> list[Row]:
        """Return the devices that fit, in the order in which they came."""
        shown = list(self._devices.values())[:MOST_ROWS]
        return [self._row(index, stretches) for index, stretches in enumerate(shown)]

    @property
    def keys(self) -> list[Key]:
        """Return what the colours and patterns mean, of those that are to be seen."""
        seen = {bar.family for row in self.rows for bar in row.bars}
        return [Key(family, words) for family, words in _FAMILIES.items() if family in seen]

    @property
    def times(self) -> list[Tick]:
        """Return the marks of when."""
        ticks = time_ticks(self._start, self._end, most=8)
        return [Tick(self._x(at), words) for at, words in ticks]

    def _row(self, index: int, stretches: list[Stretch]) -> Row:
        who = _who(stretches[0])
        label = who if len(who) <= _NAME_LENGTH else f"{who[: _NAME_LENGTH - 1]}…"
        y = self.top + self.row_height * index
        return Row(y, label, who, [self._bar(stretch) for stretch in stretches])

    def _bar(self, stretch: Stretch) -> Bar:
        start, end = stretch.joined_at, stretch.left_at or self._end
        x = self._x(start)
        until = f"to {_time(end)}" if stretch.left_at else "and still in"
        lasted = duration(stretch.lasted(self.told.now))
        title = f"{_who(stretch)}: {_time(start)} {until}, {lasted}. {stretch.why}."
        family = _FAMILY.get(stretch.reason, "taken")
        return Bar(x, max(3, self._x(end) - x), family, title)

    def _x(self, at: datetime) -> int:
        span = (self._end - self._start).total_seconds() or 1
        part = (at - self._start).total_seconds() / span
        return round(self.left + (self.right - self.left) * min(1, max(0, part)))


def _who(stretch: Stretch) -> str:
    return stretch.who if stretch.device == 1 else f"{stretch.who}, device {stretch.device}"


def _time(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"
