"""Upright bars side by side, as for the days of a month."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from talk_calls.admin.charts.values import Value, ticks

_WIDTH, _HEIGHT = 720, 220
_LEFT, _BOTTOM, _TOP = 64, 24, 10

#: Labels below the bars, at most.
_LABELS = 8


def columns(name: str, values: Sequence[Value]) -> SafeString:
    """Return an SVG picture of ``values`` from left to right; ``name`` says what they are."""
    marks = ticks(max((value.amount for value in values), default=0))
    step = (_WIDTH - _LEFT) / max(1, len(values))
    return format_html(
        '<svg class="talk-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        _WIDTH,
        _HEIGHT,
        name,
        _grid(marks),
        format_html_join(
            "",
            '<rect class="talk-bar" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            (_bar(index * step, step, value, marks[-1]) for index, value in enumerate(values)),
        ),
        _labels(values, step),
    )


def _grid(marks: Sequence[float]) -> SafeString:
    lines = ((_y(mark, marks[-1]), f"{mark:,.0f}") for mark in marks)
    return format_html_join(
        "",
        '<line class="talk-grid" x1="{}" x2="{}" y1="{}" y2="{}"></line>'
        '<text class="talk-tick" x="{}" y="{}" text-anchor="end">{}</text>',
        ((_LEFT, _WIDTH, y, y, _LEFT - 8, f"{float(y) + 4:.1f}", text) for y, text in lines),
    )


def _bar(left: float, step: float, value: Value, most: float) -> tuple[str, str, str, str, str]:
    y = float(_y(value.amount, most))
    gap = min(4, step * 0.2)
    bottom = _HEIGHT - _BOTTOM
    x, width = _LEFT + left + gap / 2, step - gap
    return f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{bottom - y:.1f}", value.title


def _labels(values: Sequence[Value], step: float) -> SafeString:
    every = -(-len(values) // _LABELS) or 1
    shown = [(index, value) for index, value in enumerate(values) if index % every == 0]
    return format_html_join(
        "",
        '<text class="talk-tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (
                f"{_LEFT + (index + 0.5) * step:.1f}",
                _HEIGHT - 6,
                "middle" if index + 1 < len(values) or len(values) == 1 else "end",
                value.label,
            )
            for index, value in shown
        ),
    )


def _y(amount: float, most: float) -> str:
    return f"{_HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * amount / most:.1f}"
