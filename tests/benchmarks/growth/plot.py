"""Plots of the growth as SVG: CPU and statements of each request against the size."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter
from typing import NamedTuple

from tests.benchmarks.growth.results import Point

_WIDTH, _HEIGHT = 860, 330
_TOP, _BOTTOM = 50, 270


class _Panel(NamedTuple):
    """A part of the plot from ``left`` to ``right``, which shows one figure of the points."""

    left: int
    right: int
    unit: str
    value: Callable[[Point], float]


_PANELS = (
    _Panel(55, 395, "CPU, in empty views", attrgetter("yardsticks")),
    _Panel(485, 825, "SQL statements", attrgetter("statements")),
)

#: Colours that people who see few colours tell apart, also on white paper.
_COLOURS = ("#0550ae", "#953800", "#1a7f37")

_MILLION = 10**6

_STYLE = """
    text { fill: #1f2328; font: 13px system-ui, sans-serif; }
    .grid { stroke: #d0d7de; }
    .line { fill: none; stroke-width: 2; }
"""


def draw(points: Sequence[Point], title: str) -> str:
    """Return the plot: CPU on the left, SQL statements on the right."""
    names = list(dict.fromkeys(point.request for point in points))
    colours = dict(zip(names, _COLOURS, strict=False))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="title">',
        f'<title id="title">Cost of a request against {escape(title)}</title>',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        *_legend(colours),
        *(line for panel in _PANELS for line in _panel(panel, points, colours, title)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _legend(colours: dict[str, str]) -> list[str]:
    parts, x = [], _PANELS[0].left
    for name, colour in colours.items():
        parts.append(f'<circle cx="{x}" cy="16" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 10}" y="20">{escape(name)}</text>')
        x += 40 + 8 * len(name)
    return parts


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis, from one power of ten at ``start`` to another at ``end``."""

    marks: list[float]
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the coordinate of a value."""
        low, high = math.log10(self.marks[0]), math.log10(self.marks[-1])
        share = (math.log10(value) - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)


def _panel(
    panel: _Panel, points: Sequence[Point], colours: dict[str, str], title: str
) -> list[str]:
    left, right, unit, value = panel
    x = _Axis(_powers([point.size for point in points]), left, right)
    y = _Axis(_powers([value(point) for point in points]), _BOTTOM, _TOP)
    middle = (left + right) / 2
    parts = [
        f'<text x="{left}" y="{_TOP - 10}">{escape(unit)}</text>',
        f'<text x="{middle}" y="{_BOTTOM + 40}" text-anchor="middle">{escape(title)}</text>',
    ]
    for mark in y.marks:
        parts.append(f'<path class="grid" d="M{left} {y(mark)}H{right}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(mark) + 4}" text-anchor="end">{mark:,g}</text>')
    for mark in x.marks:
        label = f"{mark:,g}" if mark < _MILLION else f"{mark / _MILLION:g} M"
        parts.append(f'<path class="grid" d="M{x(mark)} {_TOP}V{_BOTTOM}"/>')
        parts.append(f'<text x="{x(mark)}" y="{_BOTTOM + 18}" text-anchor="middle">{label}</text>')
    for name, colour in colours.items():
        places = [(x(p.size), y(value(p))) for p in points if p.request == name]
        path = "L".join(f"{a} {b}" for a, b in places)
        parts.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        parts += [f'<circle cx="{a}" cy="{b}" r="3.5" fill="{colour}"/>' for a, b in places]
    return parts


def _powers(values: Sequence[float]) -> list[float]:
    """Return powers of ten, from one below the lowest value to one above the highest."""
    low = math.floor(math.log10(min(values)))
    high = max(math.ceil(math.log10(max(values))), low + 1)
    return [float(10**power) for power in range(low, high + 1)]
