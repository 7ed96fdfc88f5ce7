"""A chart of horizontal bars with their names, such as reasons."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from talk_calls.admin.charts.axes import Scale
from talk_calls.admin.charts.base import Amount, Chart
from talk_calls.reports.formatting import number_text


class _Row(NamedTuple):
    y: int
    label_y: int
    label: str
    width: float
    amount_x: float
    amount_y: int
    amount: str
    title: str


class RowChart(Chart):
    """The bars are below each other, each below its label.

    ``name`` says for screen readers what they are.
    """

    template_name = "admin/talk_calls/charts/rows.html"
    width = 420
    left, right = 0, 350
    row_height, bar_height = 42, 16

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
            amount = number_text(each.amount)
            yield _Row(
                y=top + 18,
                label_y=top + 13,
                label=each.label,
                width=width,
                amount_x=self.left + width + 8,
                amount_y=top + 31,
                amount=amount,
                title=each.title,
            )
