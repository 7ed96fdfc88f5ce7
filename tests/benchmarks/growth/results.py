"""The figures of the growth, as they are kept in a file and drawn."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Point:
    """What a request cost at one size; CPU in milliseconds and in requests to the empty view."""

    size: int
    request: str
    cpu_ms: float
    yardsticks: float
    low: float
    high: float
    statements: float


@dataclass(frozen=True)
class Growth:
    """All points of one axis, and the conditions under which they were measured."""

    axis: str
    points: list[Point]
    conditions: dict[str, Any]


def load(path: Path) -> dict[str, Growth]:
    """Return what was measured before, by axis; nothing if there is no file."""
    if not path.exists():
        return {}
    return {
        axis: Growth(axis, [Point(**point) for point in each["points"]], each["conditions"])
        for axis, each in json.loads(path.read_text()).items()
    }


def save(path: Path, growths: dict[str, Growth]) -> None:
    """Write all axes."""
    path.write_text(json.dumps({a: asdict(each) for a, each in growths.items()}, indent=1) + "\n")
