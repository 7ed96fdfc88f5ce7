"""Pictures of figures, drawn on the server as SVG without a style or script of their own."""

from talk_calls.admin.charts.columns import columns
from talk_calls.admin.charts.rows import rows
from talk_calls.admin.charts.values import Value

__all__ = ["Value", "columns", "rows"]
