"""Bars below each other with their names, as for reasons."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from talk_calls.admin.charts.values import Value

_WIDTH, _ROW = 720, 28
_NAME, _AMOUNT = 250, 90


def rows(name: str, values: Sequence[Value]) -> SafeString:
    """Return an SVG picture of ``values`` from top to bottom; ``name`` says what they are."""
    most = max((value.amount for value in values), default=0) or 1
    return format_html(
        '<svg class="talk-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH,
        _ROW * max(1, len(values)),
        name,
        format_html_join(
            "",
            '<text class="talk-tick" x="0" y="{}">{}</text>'
            '<rect class="talk-bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
            '<text class="talk-tick" x="{}" y="{}">{}</text>',
            (_row(index, value, most) for index, value in enumerate(values)),
        ),
    )


def _row(index: int, value: Value, most: float) -> tuple[object, ...]:
    top, middle = index * _ROW + 5, index * _ROW + 19
    width = max(1.0, (_WIDTH - _NAME - _AMOUNT) * value.amount / most)
    bar = (_NAME, top, f"{width:.1f}", _ROW - 10, value.title)
    return (middle, value.label, *bar, f"{_NAME + width + 8:.1f}", middle, f"{value.amount:,.0f}")
