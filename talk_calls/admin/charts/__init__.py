"""Charts, drawn on the server as SVG; they bring no style and no script of their own.

A chart computes where things are, in units of its ``viewBox``; its template has the markup.
"""

from talk_calls.admin.charts.base import Amount, Chart
from talk_calls.admin.charts.columns import ColumnChart
from talk_calls.admin.charts.load import LoadChart
from talk_calls.admin.charts.rows import RowChart
from talk_calls.admin.charts.timeline import TimelineChart

__all__ = [
    "Amount",
    "Chart",
    "ColumnChart",
    "LoadChart",
    "RowChart",
    "TimelineChart",
]
