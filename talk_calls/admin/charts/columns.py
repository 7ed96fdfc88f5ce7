"""A chart of columns side by side, such as the days of a month."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from talk_calls.admin.charts.axes import Scale, Tick, place_for, round_amounts
from talk_calls.admin.charts.base import Amount, Chart
from talk_calls.reports.formatting import number_text

#: Labels below the columns, at most.
_MAX_LABELS = 6

#: Width of a column, at most, where there are few.
_MAX_WIDTH = 48


class _Column(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    title: str


class _Label(NamedTuple):
    x: float
    anchor: str
    text: str


class ColumnChart(Chart):
    """The columns are from left to right; ``name`` says for screen readers what they are.

    ``before`` are the amounts of the period before, one for each column, or none; they are drawn as
    a line.
    """

    template_name = "admin/talk_calls/charts/columns.html"
    width, height = 420, 200
    top, bottom = 10, 176

    def __init__(self, name: str, amounts: Sequence[Amount], before: Sequence[float] = ()) -> None:
        self.name = name
        self.amounts = amounts
        self.before = before
        highest = max([*(each.amount for each in amounts), *before], default=0)
        self._marks = round_amounts(highest)
        self.left = place_for(self._marks)
        self._y = Scale(0, self._marks[-1], self.bottom, self.top)
        self._step = (self.width - self.left) / max(1, len(amounts))

    @property
    def levels(self) -> list[Tick]:
        """Return the marks of the vertical axis."""
        return [Tick(round(self._y(mark), 1), number_text(mark)) for mark in self._marks]

    @property
    def columns(self) -> Iterator[_Column]:
        """Yield the columns, with a gap between them."""
        gap = min(4, self._step * 0.2)
        for index, each in enumerate(self.amounts):
            y = round(self._y(each.amount), 1)
            width = min(self._step - gap, _MAX_WIDTH)
            x = round(self.left + (index + 0.5) * self._step - width / 2, 1)
            height = round(self.bottom - y, 1)
            yield _Column(x, y, round(width, 1), height, each.title)

    @property
    def line(self) -> str:
        """Return the line of the period before, as the attribute ``d`` of a path."""
        steps = ""
        for index, amount in enumerate(self.before):
            x = round(self.left + index * self._step, 1)
            y = round(self._y(amount), 1)
            steps += f"{'V' if steps else f'M{x} '}{y}H{round(x + self._step, 1)}"
        return steps

    @property
    def labels(self) -> Iterator[_Label]:
        """Yield the labels below the columns; where there are many columns, some have none."""
        count = len(self.amounts)
        every = -(-count // _MAX_LABELS) or 1
        for index in range(0, count, every):
            is_last = index + 1 == count > 1
            middle = round(self.left + (index + 0.5) * self._step, 1)
            yield _Label(middle, "end" if is_last else "middle", self.amounts[index].label)
