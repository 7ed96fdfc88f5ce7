"""A chart of horizontal bars with their names, such as reasons."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from talk_calls.admin.charts.axes import Scale
from talk_calls.admin.charts.base import Amount, Chart


class _Row(NamedTuple):
    y: int
    text_y: int
    label: str
    width: float
    amount_x: float
    amount: str
    title: str


class RowChart(Chart):
    """The bars are below each other; ``name`` says for screen readers what they are."""

    template_name = "admin/talk_calls/charts/rows.html"
    width = 720
    left, right = 250, 630
    row_height, bar_height = 28, 18

    def __init__(self, name: str, amounts: Sequence[Amount]) -> None:
        self.name = name
        self.amounts = amounts

    @property
    def height(self) -> int:
        """Return the height of all rows."""
        return self.row_height * max(1, len(self.amounts))

    @property
    def rows(self) -> Iterator[_Row]:
        """Yield the bars from top to bottom, each with its name and amount."""
        highest = max((each.amount for each in self.amounts), default=0)
        x = Scale(0, highest, self.left, self.right)
        for index, each in enumerate(self.amounts):
            top = index * self.row_height
            width = max(1.0, round(x(each.amount) - self.left, 1))
            amount = f"{each.amount:,.0f}"
            amount_x = self.left + width + 8
            yield _Row(top + 5, top + 19, each.label, width, amount_x, amount, each.title)
